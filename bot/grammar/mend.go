package grammar

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// mend refuses words that are not known, and suggests what the text may have
// meant with other ones in their places.
func (p *reading) mend() (Request, *Misunderstanding) {
	_, bad := p.refuse(Unknown, unknown)
	if len(bad.Words) == 0 {
		_, bad = p.refuse(Unknown, instance)
	}
	if !p.mending {
		return Request{}, bad
	}
	text, ok := p.rewritten()
	if !ok {
		return Request{}, bad
	}
	r, still := parse(text, p.Context, false)
	switch {
	case still != nil:
		bad.Suggestions = still.Suggestions
	default:
		bad.Suggestions = []Request{r}
	}
	return Request{}, bad
}

// rewritten is the text with every unknown word mended. A word that cannot be
// mended is left out of a question about what expires, which then asks for
// more; of anything else nothing is made without it.
func (p *reading) rewritten() (string, bool) {
	asks := len(p.orders) == 0 && p.count[negation] == 0 && (p.has(Expiring) || p.has(Next) || len(p.whens) > 0)
	var b strings.Builder
	at, mendedAny := 0, false
	for i := 0; i < len(p.tokens); i++ {
		t := p.tokens[i]
		if t.kind != unknown && (t.kind != instance || t.n > 0 || len(p.orders) > 0) {
			continue
		}
		word, to := p.meant(&i)
		if word == "" && !asks {
			return "", false
		}
		mendedAny = mendedAny || word != ""
		b.WriteString(p.kept[at:t.from])
		if at > 0 || word != "" {
			b.WriteString(" " + word + " ")
		}
		at = to
	}
	b.WriteString(p.kept[at:])
	return strings.TrimSpace(strings.Join(strings.Fields(b.String()), " ")), mendedAny || asks
}

// meant is what the unknown word at token i may have meant, or "", and where
// the stretch ends that it stands for; i is moved to its last token.
func (p *reading) meant(i *int) (string, int) {
	t := p.tokens[*i]
	if id, last := p.nearly(*i); id != "" {
		*i = last
		return id, p.tokens[last].to
	}
	word := p.text[t.from:t.to]
	if w := mended(word, 2); w != "" {
		return w, t.to
	}
	if id := mendedID(word); id != "" && len(p.orders) == 0 {
		return id, t.to
	}
	return "", t.to
}

// nearly finds the service whose label is almost what the words at token i and
// behind it say, and the last of those. The first or the last character must be
// right: hundreds of labels are passed over at a glance.
func (p *reading) nearly(i int) (id string, last int) {
	best := 3
	for _, s := range p.Services {
		first, final := leading(s.Label), lowerRune(ending(s.Label))
		for k := i; k < len(p.tokens) && k < i+4; k++ {
			said := p.text[p.tokens[i].from:p.tokens[k].to]
			if n := len(said) - len(s.Label); len(said) < 4 || n > 8 || n < -8 || leading(said) != first && ending(said) != final {
				continue
			}
			if d := slips(said, lower(squeeze(s.Label))); d < best && d <= utf8.RuneCountInString(said)/4 {
				best, id, last = d, s.ID, k
			}
		}
	}
	return id, last
}

// ending is the last character.
func ending(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

// mended is the known word at most limit slips away from a mistyped one, or "".
func mended(word string, limit int) string {
	if right, ok := slipped[word]; ok {
		return right
	}
	best, distance := "", limit+1
	for _, w := range mendable {
		if n := len(w) - len(word); n > limit || -n > limit {
			continue
		}
		if d := slips(word, w); d < distance && d < len(w)-1 && (d < 2 || len(w) > 4) || d == 2 && d < distance && swapped(word, w) {
			best, distance = w, d
		}
	}
	return best
}

// swapped reports whether two short words have the same letters.
func swapped(a, b string) bool {
	s, t := []rune(a), []rune(b)
	slices.Sort(s)
	slices.Sort(t)
	return slices.Equal(s, t)
}

// mendedID reads an id whose beginning slipped: 48exxxa594, svc0-48exxxa594,
// svco48exxxa594, svco_48exxxa594.
func mendedID(word string) string {
	tail := word
	if i := strings.IndexAny(word, "-_–—"); i >= 0 && i <= 6 {
		tail = strings.TrimLeft(word[i:], "-_–—")
	} else {
		tail = strings.TrimPrefix(tail, "svco")
	}
	if id := idPrefix + tail; serviceID(id) && strings.ContainsAny(tail, "0123456789") {
		return id
	}
	return ""
}

// slips counts the single-letter insertions, deletions, substitutions and
// swaps of neighbours between a and b (optimal string alignment distance). More
// than 32 letters are as many slips.
func slips(a, b string) int {
	s, t := []rune(a), []rune(b)
	if len(s) > 32 || len(t) > 32 {
		return max(len(s), len(t))
	}
	var rows [3][33]int
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range len(t) + 1 {
		last[j] = j
	}
	for i := range s {
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
		before, last, row = last, row, before
	}
	return last[len(t)]
}
