package qianfan

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The types of this file decode one field each and never fail. What they
// cannot read they keep in unread, cut to maxUnread bytes.

const maxUnread = 200

// word is a string of the envelope. Numbers and other values become their own
// text, since codes come as numbers too; null is "".
type word string

func (w *word) UnmarshalJSON(data []byte) error {
	value, isText := scalar(data)
	if !isText {
		value = data
	}
	*w = word(value)
	return nil
}

// text is a string of an instance; a number becomes its digits.
type text struct{ value, unread string }

func (t *text) UnmarshalJSON(data []byte) error {
	value, ok := scalar(data)
	if !ok {
		t.unread = excerptOf(data)
		return nil
	}
	t.value = string(value)
	return nil
}

type timing struct {
	value  PaymentTiming
	unread string
}

func (t *timing) UnmarshalJSON(data []byte) error {
	value, ok := scalar(data)
	switch {
	case !ok:
		t.unread = excerptOf(data)
	case bytes.EqualFold(value, []byte(Prepaid)):
		t.value = Prepaid
	case bytes.EqualFold(value, []byte(Postpaid)):
		t.value = Postpaid
	default:
		t.value = PaymentTiming(value)
	}
	return nil
}

type status struct {
	value  Status
	unread string
}

func (s *status) UnmarshalJSON(data []byte) error {
	value, ok := scalar(data)
	switch {
	case !ok:
		s.unread = excerptOf(data)
	case string(value) == "1", bytes.EqualFold(value, []byte(Creating)):
		s.value = Creating
	case string(value) == "2", bytes.EqualFold(value, []byte(Running)):
		s.value = Running
	case string(value) == "3", bytes.EqualFold(value, []byte(Deleted)):
		s.value = Deleted
	default:
		s.value = Status(value)
	}
	return nil
}

// count is a whole number, also written as a string or with a fraction of zero.
type count struct {
	value  int
	unread string
}

func (c *count) UnmarshalJSON(data []byte) error {
	value, ok := scalar(data)
	if ok && len(value) == 0 {
		return nil
	}
	n, err := strconv.ParseFloat(string(value), 64)
	if !ok || err != nil || n < 0 || n > 1e9 || n != float64(int(n)) {
		c.unread = excerptOf(data)
		return nil
	}
	c.value = int(n)
	return nil
}

// instant is a point in time in any form this API is known to write.
type instant struct {
	value       time.Time // UTC; zero: none
	unread      string
	assumedZone bool
}

func (i *instant) UnmarshalJSON(data []byte) error {
	value, ok := scalar(data)
	if !ok {
		i.unread = excerptOf(data)
		return nil
	}
	i.value, i.assumedZone, ok = parseInstant(value)
	if !ok {
		i.unread = excerptOf(value)
	}
	return nil
}

// parseInstant reads RFC 3339 and its near relations of ISO 8601. A time
// without a zone is Asia/Shanghai's, as qianfan-api/s/Fmo6ws0f8 documents it
// for inputs. Nothing, "-" and the zero time of Go are no time.
func parseInstant(text []byte) (at time.Time, assumedZone, ok bool) {
	if len(text) == 0 || string(text) == "-" {
		return time.Time{}, false, true
	}
	if at.UnmarshalText(text) != nil { // the common form, read without allocation
		at, assumedZone, ok = parseLoosely(string(text))
		if !ok {
			return time.Time{}, false, false
		}
	}
	if at = at.UTC(); at.Year() <= 1 {
		return time.Time{}, false, true
	}
	return at, assumedZone, true
}

func parseLoosely(text string) (at time.Time, assumedZone, ok bool) {
	for _, layout := range []string{"2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, false, true
		}
	}
	shanghai := time.FixedZone("Asia/Shanghai", 8*60*60) // no summer time since 1991
	for _, layout := range []string{time.DateTime, "2006-01-02T15:04:05"} {
		if at, err := time.ParseInLocation(layout, text, shanghai); err == nil {
			return at, true, true
		}
	}
	return time.Time{}, false, false
}

// scalar returns the text of a JSON string without the white space around it,
// the digits of a number, and nothing for null. Any other value is not ok.
func scalar(data []byte) (value []byte, ok bool) {
	switch data[0] {
	case 'n':
		return nil, true
	case '"':
		inner := data[1 : len(data)-1]
		if bytes.IndexByte(inner, '\\') >= 0 || !utf8.Valid(inner) {
			var s string
			if json.Unmarshal(data, &s) != nil {
				return nil, false
			}
			inner = []byte(s)
		}
		return bytes.TrimSpace(inner), true
	case '{', '[', 't', 'f':
		return nil, false
	default:
		return data, true
	}
}

// excerptOf cuts text between characters after maxUnread bytes.
func excerptOf(data []byte) string {
	return strings.ToValidUTF8(string(data[:min(len(data), maxUnread)]), "")
}
