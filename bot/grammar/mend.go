package grammar

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// mend refuses words that are not known, and suggests what the text may have
// meant with other ones in their places.
func (p mender) mend() (Request, *Misunderstanding) {
	_, bad := p.refuse(Unknown, unknown)
	if len(bad.Words) == 0 {
		_, bad = p.refuse(Unknown, instance)
	}
	if !p.mending {
		return Request{}, bad
	}
	for _, ids := range [...]bool{false, true} { // the id of an instance may be that of a service, mistyped too
		text, ok := p.rewritten(ids)
		if !ok {
			continue
		}
		r, still := parse(text, p.Context, false)
		if still == nil {
			bad.Suggestions = []Request{r}
		} else {
			bad.Suggestions = still.Suggestions
		}
		if len(bad.Suggestions) > 0 {
			break
		}
	}
	return Request{}, bad
}

// rewritten is the text with every unknown word mended. A word that cannot be
// mended is left out of a question about what expires, or about an instance,
// which then asks for more; of anything else nothing is made without it. ids has
// the ids of instances mended too.
func (p mender) rewritten(ids bool) (string, bool) {
	asks := len(p.orders) == 0 && p.count[negation] == 0 && (p.has(Expiring) || p.has(Next) || len(p.whens) > 0 || len(p.things[instance]) > 0 || len(p.things[service]) == 1)
	var b strings.Builder
	at, mendedAny := 0, false
	for i := 0; i < len(p.tokens); i++ {
		t := p.tokens[i]
		if t.kind != unknown && (!ids || t.kind != instance || t.n > 0 || len(p.orders) > 0) {
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
func (p mender) meant(i *int) (string, int) {
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
// right, and the length nearly: hundreds of labels are passed over at a glance.
func (p mender) nearly(i int) (id string, last int) {
	var said [4][]rune // by the first word, by the first two …
	var ends [4]rune
	for k := range said {
		if i+k < len(p.tokens) {
			said[k] = []rune(p.text[p.tokens[i].from:p.tokens[i+k].to])
			ends[k] = said[k][len(said[k])-1]
		}
	}
	var store [maxCompared]rune
	best := 3
	for _, s := range p.Services {
		if leading(s.Label) != said[0][0] && !slices.Contains(ends[:], ending(s.Label)) {
			continue
		}
		label := plainName(store[:0], s.Label)
		for k, words := range said {
			limit := min(best-1, len(words)/4)
			if off := len(words) - len(label); limit <= 0 || len(label) == 0 || off > limit || -off > limit ||
				words[0] != label[0] && words[len(words)-1] != label[len(label)-1] {
				continue
			}
			if d := Slips(words, label, limit); d <= limit {
				best, id, last = d, s.ID, i+k
			}
		}
	}
	return id, last
}

// ending is the last character of a label as the text would have it, if that is
// one that can be seen; else 0.
func ending(label string) rune {
	r, _ := utf8.DecodeLastRuneInString(label)
	return lowerRune(max(fold(r), 0))
}

// plainName is a label as the text would have it, in buf; nothing of one that
// is too long to be compared.
func plainName(buf []rune, label string) []rune {
	if len(label) > 4*maxCompared {
		return nil
	}
	blank := true
	for _, r := range label {
		if r = fold(r); r < 0 || r == ' ' && blank {
			continue
		}
		if len(buf) == maxCompared {
			return nil
		}
		blank = r == ' '
		buf = append(buf, lowerRune(r))
	}
	if blank && len(buf) > 0 {
		return buf[:len(buf)-1]
	}
	return buf
}

// mended is the known word at most limit slips away from a mistyped one, or "".
func mended(word string, limit int) string {
	if right, ok := slipped[word]; ok {
		return right
	}
	best, distance, typed := "", limit+1, []rune(word)
	for _, w := range mendable {
		if n := len(w) - len(word); n > limit || -n > limit {
			continue
		}
		known := []rune(w)
		if d := Slips(typed, known, distance); d < distance && d < len(w)-1 && (d < 2 || len(w) > 4) || d == 2 && d < distance && swapped(word, w) {
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

// maxCompared is how many letters of a word are compared.
const maxCompared = 32

// Slips counts the single-letter insertions, deletions, substitutions and
// swaps of neighbours between s and t (optimal string alignment distance), up
// to limit: more are limit+1. Libraries count the whole of it, and allocate for each
// of hundreds of names.
func Slips(s, t []rune, limit int) int {
	if len(s) > maxCompared || len(t) > maxCompared {
		return limit + 1
	}
	var rows [3][maxCompared + 1]int
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range len(t) + 1 {
		last[j] = j
	}
	for i := range s {
		row[0] = i + 1
		least := row[0]
		for j := range t {
			cost := 1
			if s[i] == t[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
			least = min(least, row[j+1])
		}
		if least > limit+1 { // a swap later saves one at most
			return limit + 1
		}
		before, last, row = last, row, before
	}
	return min(last[len(t)], limit+1)
}
