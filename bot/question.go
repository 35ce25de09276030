package bot

import (
	"iter"
	"regexp"
	"strings"
	"unicode"

	"computeunits/qianfan"
)

// maxTyped is the longest command text that is read, in characters. A service
// id and a word need fewer than fifty.
const maxTyped = 200

// commandFor is the line that asks q again, for examples and suggestions.
func commandFor(q qianfan.Query) string {
	if q == (qianfan.Query{}) {
		return "/computeunits help"
	}
	line := "/computeunits " + q.ServiceID
	if q.Timing != "" {
		line += " " + strings.ToLower(string(q.Timing))
	}
	return line
}

// Parse reads a question as people type it behind /computeunits: a service,
// perhaps prepaid or postpaid, in any order and case, in English or Chinese.
// The zero query asks for help. The error is a sentence for the person.
func Parse(text string) (qianfan.Query, error) {
	q, bad := parse(escape(text))
	if bad != nil {
		return q, bad
	}
	return q, nil
}

// A misunderstanding is typed text that is no question: why, and the command
// that was probably meant ("" when nothing comes near). It is never acted on.
type misunderstanding struct {
	why        string
	suggestion string
}

const tryHelp = "Type /computeunits help to see what I understand."

// Error is the whole of it in plain text.
func (m *misunderstanding) Error() string {
	if m.suggestion == "" {
		return m.why + " " + tryHelp
	}
	return m.why + " Did you mean " + m.suggestion + " ?"
}

// serviceID is how the documentation writes ids of services
// (qianfan-api/s/9mwbl2jxf); the length is a generous bound, not a known one.
var serviceID = regexp.MustCompile(`^svco-[a-z0-9][a-z0-9_-]{2,63}$`)

// words lists everything a command understands besides the id of a service.
// All comparisons are made in lower case, so the Chinese words stand as they are.
var words = map[string]struct {
	timing qianfan.PaymentTiming
	help   bool
}{
	"prepaid":  {timing: qianfan.Prepaid},
	"prepay":   {timing: qianfan.Prepaid},
	"预付费":      {timing: qianfan.Prepaid},
	"postpaid": {timing: qianfan.Postpaid},
	"postpay":  {timing: qianfan.Postpaid},
	"后付费":      {timing: qianfan.Postpaid},
	"all":      {},
	"全部":       {},
	"help":     {help: true},
	"帮助":       {help: true},
}

// suggestible are the words offered as corrections: one spelling of each.
var suggestible = []string{"prepaid", "postpaid", "help", "all"}

// parse reads the text of a slash command as Slack delivers it (&, < and >
// escaped). Order and case do not matter, and neither does the width of
// letters and spaces, so that a Chinese keyboard serves too. No text, or help
// anywhere in it, is the zero query. Exactly one result is meaningful: a
// misunderstanding, when it is not nil.
func parse(text string) (qianfan.Query, *misunderstanding) {
	typed := fold(unescape(text))
	if len([]rune(typed)) > maxTyped {
		return qianfan.Query{}, &misunderstanding{why: "That is longer than any command I know. "}
	}
	var q qianfan.Query
	both := map[qianfan.PaymentTiming]bool{}
	for word := range splitWords(typed) {
		known, ok := words[word]
		switch {
		case ok && known.help:
			return qianfan.Query{}, nil
		case ok:
			both[known.timing] = true
		case serviceID.MatchString(word) && q.ServiceID != "" && q.ServiceID != word:
			return qianfan.Query{}, &misunderstanding{
				why: "I can look at one service at a time, and you named " + quote(q.ServiceID) + " and " + quote(word) + ".", suggestion: commandFor(q)}
		case serviceID.MatchString(word):
			q.ServiceID = word
		default:
			return qianfan.Query{}, unknown(typed, word)
		}
	}
	if len(both) == 1 {
		for q.Timing = range both { // exactly one; both kinds together are all
		}
	}
	if q.ServiceID == "" && len(both) > 0 {
		return qianfan.Query{}, &misunderstanding{why: "Which service? Its id begins with svco- and stands in the Qianfan console."}
	}
	return q, nil
}

// splitWords yields the words of folded text without the quotes, backticks and
// punctuation that people paste along with an id.
func splitWords(typed string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for word := range strings.FieldsFuncSeq(typed, separates) {
			word = strings.Trim(word, "`'\"“”‘’「」:.。?!")
			if word != "" && !yield(word) {
				return
			}
		}
	}
}

func separates(r rune) bool { return r == ' ' || r == ',' || r == ';' || r == '、' }

// unknown explains the word that no rule reads, and looks for what the whole
// line may have meant.
func unknown(typed, word string) *misunderstanding {
	m := &misunderstanding{why: "I do not know the word " + quote(word) + "."}
	if strings.HasPrefix(word, "svco-") {
		m.why = quote(word) + " is not the id of a service: after svco- come letters and digits."
		return m
	}
	mended := make([]string, 0, 4)
	for w := range splitWords(typed) {
		if _, ok := words[w]; !ok && !serviceID.MatchString(w) {
			if w = mend(w); w == "" {
				return m
			}
		}
		mended = append(mended, w)
	}
	if q, bad := parse(strings.Join(mended, " ")); bad != nil {
		m.suggestion = bad.suggestion
	} else {
		m.suggestion = commandFor(q)
	}
	return m
}

// mend returns the word probably meant by a mistyped one, or "".
func mend(word string) string {
	best, distance := "", 3 // two slips at the most
	for _, w := range suggestible {
		if d := slips(word, w); d < distance && d < len(w)-1 {
			best, distance = w, d
		}
	}
	if best != "" {
		return best
	}
	// "48exxxa594", "svc0-48exxxa594", "svco48exxxa594", "svco_48exxxa594": an id whose prefix slipped.
	tail := word
	if i := strings.IndexAny(word, "-_–—"); i >= 0 && i <= 6 {
		tail = strings.TrimLeft(word[i:], "-_–—")
	} else {
		tail = strings.TrimPrefix(tail, "svco")
	}
	if id := "svco-" + tail; serviceID.MatchString(id) && strings.ContainsAny(tail, "0123456789") {
		return id
	}
	return ""
}

// slips counts the single-letter insertions, deletions, substitutions and
// swaps of neighbours between a and b (optimal string alignment distance).
func slips(a, b string) int {
	s, t := []rune(a), []rune(b)
	if len(s) > 32 {
		return len(s)
	}
	before, last := make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := range s {
		row := make([]int, len(t)+1)
		row[0] = i + 1
		for j := range t {
			cost := 1
			if s[i] == t[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(t)]
}

// fold brings typed text to one form: lower case, full-width letters and signs
// (as Chinese keyboards write them) to ASCII, every kind of space to a plain
// one, and invisible and control characters away.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			r -= '！' - '!'
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Cf, r), unicode.IsControl(r), r == unicode.ReplacementChar:
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}
