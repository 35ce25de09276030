package qianfan

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// dateFormat is how x-bce-date and a signature write an instant, in UTC.
const dateFormat = "2006-01-02T15:04:05Z"

// signable is the part of a request that a signature covers. The body is not.
type signable struct {
	method  string
	path    string   // not escaped
	query   string   // escaped, as it stands in the URL
	headers []header // those to sign, in any order
}

type header struct{ name, value string }

// sign returns the value of the Authorization header that makes a request good
// from at for the duration of valid (whole seconds), as bce-auth-v1 defines it
// (Reference/s/njwvz1yfu).
func sign(accessKey, secretKey string, at time.Time, valid time.Duration, s signable) string {
	lines, names := canonicalHeaders(s.headers)
	request := make([]byte, 0, 512)
	request = append(append(request, s.method...), '\n')
	request = append(appendPath(request, s.path), '\n')
	request = append(appendQuery(request, s.query), '\n')
	request = appendJoined(request, lines, '\n')

	auth := make([]byte, 0, 256)
	auth = append(append(auth, "bce-auth-v1/"...), accessKey...)
	auth = at.UTC().AppendFormat(append(auth, '/'), dateFormat)
	auth = strconv.AppendInt(append(auth, '/'), int64(valid/time.Second), 10)
	var key [2 * sha256.Size]byte
	appendMAC(key[:0], []byte(secretKey), auth)
	auth = appendJoined(append(auth, '/'), names, ';')
	// The next key is the hexadecimal text of the MAC, not its bytes.
	return string(appendMAC(append(auth, '/'), key[:], request))
}

// appendMAC appends the HMAC-SHA256 of message in lower-case hexadecimal.
func appendMAC(dst, key, message []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(message)
	var sum [sha256.Size]byte
	return hex.AppendEncode(dst, mac.Sum(sum[:0]))
}

// canonicalHeaders returns the encoded lines and the names of the headers,
// each sorted for itself. Headers without a value are not signed.
func canonicalHeaders(headers []header) (lines, names []string) {
	lines, names = make([]string, 0, len(headers)), make([]string, 0, len(headers))
	for _, h := range headers {
		value := strings.TrimSpace(h.value)
		if value == "" {
			continue
		}
		name := strings.ToLower(h.name)
		line := make([]byte, 0, 128)
		line = append(appendEncoded(line, name), ':')
		lines = append(lines, string(appendEncoded(line, value)))
		names = append(names, name)
	}
	slices.Sort(lines)
	slices.Sort(names)
	return lines, names
}

func appendPath(dst []byte, path string) []byte {
	dst = append(dst, '/')
	for i, b := range []byte(path) {
		switch {
		case b != '/':
			dst = appendEncoded(dst, path[i:i+1])
		case i > 0: // the first slash is there
			dst = append(dst, b)
		}
	}
	return dst
}

// appendQuery encodes anew what a raw query says: there a space may be a plus
// sign, a parameter may have no value, and the order is free.
func appendQuery(dst []byte, raw string) []byte {
	params := make([]string, 0, 4)
	for param := range strings.SplitSeq(raw, "&") {
		if param == "" {
			continue
		}
		key, value, _ := strings.Cut(param, "=")
		key, value = unescape(key), unescape(value)
		if strings.EqualFold(key, "authorization") {
			continue // a signature in the URL cannot cover itself
		}
		encoded := make([]byte, 0, 64)
		encoded = append(appendEncoded(encoded, key), '=')
		params = append(params, string(appendEncoded(encoded, value)))
	}
	slices.Sort(params)
	return appendJoined(dst, params, '&')
}

// unescape leaves text that is not properly escaped as it is.
func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// appendEncoded appends s in the percent encoding of RFC 3986: all but its
// unreserved characters, in upper-case hexadecimal.
func appendEncoded(dst []byte, s string) []byte {
	const digits = "0123456789ABCDEF"
	for _, b := range []byte(s) {
		switch {
		case 'A' <= b && b <= 'Z', 'a' <= b && b <= 'z', '0' <= b && b <= '9',
			b == '-', b == '.', b == '_', b == '~':
			dst = append(dst, b)
		default:
			dst = append(dst, '%', digits[b>>4], digits[b&15])
		}
	}
	return dst
}

func appendJoined(dst []byte, parts []string, separator byte) []byte {
	for i, part := range parts {
		if i > 0 {
			dst = append(dst, separator)
		}
		dst = append(dst, part...)
	}
	return dst
}
