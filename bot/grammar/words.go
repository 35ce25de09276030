package grammar

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

//go:embed words/*.txt
var tables embed.FS

// A kind is the part a token plays.
type kind uint8

const (
	unknown  kind = iota
	verb          // token.verb
	timing        // token.text: Prepaid, Postpaid, all
	polite        // leaves an order an order; n is 1 when it makes a question one, 2 when it asks for help, 3 when it belongs to no name
	talk          // around questions
	how           // "how do I"
	doubt         // makes an order doubtful
	negation      //
	cancel        // turns an order into its opposite
	past          // what has been, which nobody can ask for; n is 1 for what can be seen of a service
	within        // before a span
	till          // before or behind a time, which it includes
	before        // before a time, which it excludes
	as            // before a label
	number        // n
	article       // "a", which may be the number n
	unit          // n minutes
	span          // n minutes; text: vague, or m for a unit that may be two
	weekday       // n from Sunday, weeks ahead in text: "", "this", "next", "after"
	month         // n
	zhmonth       // 月 behind a number
	zhday         // 号 behind a number
	ordinal       // 1st: n
	date          // n is year*10000+month*100+day; year 0: none was written
	dayahead      // n days from today
	period        // text: week, week+1, weekend, month …
	end           // of the period in text
	edge          // "the end of", before a day
	clock         // n minutes of the day
	half          // text: am, pm, past
	hour          // 点 behind a number
	service       // text: its id; n: how many services are called so
	instance      // text: its id; n is 1 when the Context lists it
	badid         // begins like the id of a service
	quoted        // anything between quotes
	step          // until the next step of the reminders
	query         // a question mark
	moment        // n: index of the joined time
)

// kinds are the classes of the tables.
var kinds = map[string]kind{
	"verb": verb, "timing": timing, "polite": polite, "talk": talk, "how": how, "doubt": doubt,
	"negation": negation, "cancel": cancel, "past": past, "query": query, "within": within, "till": till, "before": before, "as": as, "step": step,
	"number": number, "article": article, "unit": unit, "span": span, "vague": span, "weekday": weekday, "month": month,
	"zhmonth": zhmonth, "zhday": zhday, "day": dayahead, "period": period, "end": end, "edge": edge,
	"clock": clock, "half": half, "hour": hour,
}

// A meaning is what the tables say of a phrase.
type meaning struct {
	kind kind
	n    int
	text string
}

// The longest phrases of the tables, to bound the search for one.
const (
	longestPhrase = 6  // words, in English
	longestRun    = 10 // characters, in Chinese
)

// lexicon and slipped are the tables, read once and never changed.
var lexicon, mendable, slipped = read()

// simplified are the characters for traditional ones, by their place among the
// ideographs; 0: it is one itself.
var simplified = simplify()

func simplify() (table [0xa000 - ideographs]uint16) {
	for line := range lines("words/traditional.txt") {
		for pair := range strings.FieldsSeq(line) {
			r := []rune(pair)
			table[r[0]-ideographs] = uint16(r[1])
		}
	}
	return table
}

func read() (words map[string]meaning, mendable []string, slipped map[string]string) {
	words, slipped = make(map[string]meaning, 2048), make(map[string]string)
	for line := range lines("words/en.txt") {
		enter(words, line, map[string]string{"next ": "next", "this ": "", "on ": "", "this coming ": "", "coming ": ""})
	}
	for line := range lines("words/zh.txt") {
		enter(words, line, map[string]string{"下下": "after", "下下个": "after", "下": "next", "下个": "next", "本": "this", "这": "this", "这个": "this"})
	}
	for line := range lines("words/mend.txt") {
		for word := range strings.SplitSeq(line, ",") {
			if wrong, right, ok := strings.Cut(strings.TrimSpace(word), "="); ok {
				slipped[wrong] = right
				words[wrong] = meaning{kind: unknown} // so that no part of it is taken for something else
			} else {
				mendable = append(mendable, wrong)
			}
		}
	}
	return words, mendable, slipped
}

func lines(name string) func(func(string) bool) {
	data, err := tables.ReadFile(name)
	if err != nil {
		panic(err) // it is embedded
	}
	return func(yield func(string) bool) {
		for line := range strings.Lines(string(data)) {
			line = strings.TrimSpace(line)
			if line != "" && line[0] != '#' && !yield(line) {
				return
			}
		}
	}
}

// enter takes one line of a table, "class value: phrases", and for weekdays
// also the phrases with what may stand before them. The first entry of a phrase
// stays, so that the order of the classes decides.
func enter(words map[string]meaning, line string, weeks map[string]string) {
	head, phrases, _ := strings.Cut(line, ":")
	class, value, _ := strings.Cut(head, " ")
	m := meaning{kind: kinds[class], text: value}
	if m.kind == unknown {
		panic(fmt.Sprintf("no class %q in the words", class))
	}
	if n, err := strconv.Atoi(value); err == nil {
		m.n, m.text = n, ""
	}
	if class == "vague" {
		m.text = class
	}
	switch value {
	case "request":
		m.n = 1
	case "assist":
		m.n = 2
	case "courtesy":
		m.n = 3
	}
	add := func(phrase string, m meaning) {
		if _, ok := words[phrase]; !ok {
			words[phrase] = m
		}
	}
	for phrase := range strings.SplitSeq(phrases, ",") {
		phrase = strings.TrimSpace(phrase)
		add(phrase, m)
		if m.kind == weekday {
			for prefix, week := range weeks {
				add(prefix+phrase, meaning{weekday, m.n, week})
			}
		}
	}
}

// known finds the longest phrase of the tables at the start of s, which is
// lower case; its length is 0 when there is none.
func known(s string) (meaning, int) {
	if r, _ := utf8.DecodeRuneInString(s); han(r) {
		return knownHan(s)
	}
	ends, n := [longestPhrase]int{}, 0
	for at := 0; n < longestPhrase; n++ {
		width := wordLength(s[at:])
		if width == 0 {
			break
		}
		at += width
		ends[n] = at
		if at >= len(s) || s[at] != ' ' {
			n++
			break
		}
		at++
	}
	for n--; n >= 0; n-- {
		if m, ok := lexicon[s[:ends[n]]]; ok {
			return m, ends[n]
		}
	}
	return meaning{}, 0
}

func knownHan(s string) (meaning, int) {
	ends, n := [longestRun]int{}, 0
	for i, r := range s {
		if i > 0 {
			ends[n] = i
			n++
		}
		if n == longestRun || !han(r) {
			break
		}
		if i+utf8.RuneLen(r) == len(s) {
			ends[n] = len(s)
			n++
			break
		}
	}
	for n--; n >= 0; n-- {
		if m, ok := lexicon[s[:ends[n]]]; ok {
			return m, ends[n]
		}
	}
	return meaning{}, 0
}
