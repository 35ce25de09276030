package qianfantest

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxSkew is how far a signature's time may be from the server's
// (AIHC/s/Amaz0pqhn; Qianfan's own limit is not documented).
const maxSkew = 30 * time.Minute

const signatureEmpty = "SignatureEmpty"

// signature is a parsed Authorization header:
// bce-auth-v1/{key}/{time}/{seconds}/{signed headers}/{signature}.
type signature struct {
	prefix    string // up to the seconds: what the signing key is made from
	accessKey string
	time      time.Time
	term      time.Duration
	headers   []string
	sum       string
}

// verify checks the signature of a request as Reference/s/njwvz1yfu defines
// it, and refuses with the codes and messages that Baidu's services show.
func (s *Server) verify(r *http.Request, now time.Time) *Refusal {
	text := r.Header.Get("Authorization")
	if text == "" {
		return &Refusal{http.StatusBadRequest, signatureEmpty, "Signature is invalid: Signature is empty."}
	}
	sig, ok := parseSignature(text)
	if !ok || r.Header.Get("X-Bce-Date") != sig.time.Format(timeFormat) || !s.coversToken(r, sig) {
		return &Refusal{http.StatusBadRequest, "InvalidHTTPAuthHeader",
			"The HTTP authorization header is invalid. Consult the service documentation for details."}
	}
	if sig.accessKey != cmp.Or(s.AccessKey, AccessKey) || r.Header.Get("X-Bce-Security-Token") != s.SessionToken {
		return &Refusal{http.StatusForbidden, "InvalidAccessKeyId", "NotFound, cause: Could not find credential."}
	}
	if age := now.Sub(sig.time); age.Abs() > maxSkew || age > sig.term {
		return &Refusal{http.StatusBadRequest, "RequestExpired",
			"Request has expired. Timestamp date is " + sig.time.Format(timeFormat) + "."}
	}
	if !hmac.Equal([]byte(sig.sum), []byte(sig.expected(r, cmp.Or(s.SecretKey, SecretKey)))) {
		return &Refusal{http.StatusBadRequest, "SignatureDoesNotMatch",
			"SignatureDoesNotMatch, cause: Fail to authn user: Signature does not match"}
	}
	return nil
}

// coversToken demands that temporary keys sign their token, as every SDK does.
func (s *Server) coversToken(r *http.Request, sig signature) bool {
	return s.SessionToken == "" || r.Header.Get("X-Bce-Security-Token") == "" ||
		slices.Contains(sig.headers, "x-bce-security-token")
}

func parseSignature(text string) (sig signature, ok bool) {
	parts := strings.Split(text, "/")
	if len(parts) != 6 || parts[0] != "bce-auth-v1" {
		return sig, false
	}
	at, err := time.Parse(timeFormat, parts[2])
	if err != nil {
		return sig, false
	}
	seconds, err := strconv.ParseUint(parts[3], 10, 31)
	if err != nil || seconds == 0 {
		return sig, false
	}
	headers := strings.Split(parts[4], ";")
	if parts[4] != strings.ToLower(parts[4]) || !slices.IsSorted(headers) || !slices.Contains(headers, "host") {
		return sig, false
	}
	return signature{
		prefix:    strings.Join(parts[:4], "/"),
		accessKey: parts[1],
		time:      at,
		term:      time.Duration(seconds) * time.Second,
		headers:   headers,
		sum:       parts[5],
	}, true
}

// expected computes the signature of the request as it arrived.
func (sig signature) expected(r *http.Request, secretKey string) string {
	signingKey := hexMAC(secretKey, sig.prefix)
	return hexMAC(signingKey, strings.Join([]string{
		r.Method,
		canonicalPath(r.URL.Path),
		canonicalQuery(r.URL.Query()),
		canonicalHeaders(r, sig.headers),
	}, "\n"))
}

func hexMAC(key, message string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(message))
	return hex.EncodeToString(mac.Sum(nil))
}

// escape is the percent encoding of RFC 3986, made from that of forms, which
// differs in the space alone.
func escape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

func canonicalPath(path string) string {
	segments := strings.Split(path, "/")
	for i := range segments {
		segments[i] = escape(segments[i])
	}
	return cmp.Or(strings.Join(segments, "/"), "/")
}

func canonicalQuery(query url.Values) string {
	var params []string
	for key, values := range query {
		if strings.ToLower(key) == "authorization" {
			continue
		}
		for _, value := range values {
			params = append(params, escape(key)+"="+escape(value))
		}
	}
	slices.Sort(params)
	return strings.Join(params, "&")
}

func canonicalHeaders(r *http.Request, names []string) string {
	var lines []string
	for _, name := range names {
		value := r.Header.Get(name)
		if name == "host" { // net/http keeps it apart, with the port
			value = r.Host
		}
		if value = strings.TrimSpace(value); value != "" {
			lines = append(lines, escape(name)+":"+escape(value))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
