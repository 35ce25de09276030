package qianfan

import (
	"bytes"
	"html"
	"regexp"
	"strings"
	"unicode"
)

// gist returns the text of a body that is not the API's: what a person would
// read of an HTML page, otherwise the body itself.
func gist(body []byte) string {
	const enough = 16 << 10 // of a page, to find a few words in it
	body = body[:min(len(body), enough)]
	if len(bytes.TrimSpace(body)) == 0 {
		return "(empty body)"
	}
	if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		return string(body)
	}
	body = unseen.ReplaceAll(body, []byte(" "))
	return html.UnescapeString(string(markup.ReplaceAll(body, []byte(" "))))
}

var (
	unseen = regexp.MustCompile(`(?is)<(script|style)\b.*?(</(script|style)\s*>|$)|<!--.*?(-->|$)`)
	markup = regexp.MustCompile(`(?s)<[^>]*(>|$)`)
)

// oneLine joins text into one line of visible characters and at most limit
// bytes, cut between characters.
func oneLine(s string, limit int) string {
	s = strings.ToValidUTF8(s[:min(len(s), 8*limit)], "")
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsGraphic(r)
	}), " ")
	if len(s) <= limit {
		return s
	}
	const ellipsis = "…"
	return strings.ToValidUTF8(s[:limit-len(ellipsis)], "") + ellipsis
}
