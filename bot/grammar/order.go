package grammar

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

// order reads a text with a verb that changes something. It is obeyed only when
// nothing in the text can make it anything but an order; otherwise it is
// suggested, if it is complete.
func (p orders) order() (Request, *Misunderstanding) {
	if len(p.orders) > 1 {
		return p.two(TwoVerbs, p.orders)
	}
	if p.count[negation] > 0 {
		return p.negated()
	}
	for _, t := range p.verbs {
		switch Verb(t.text) {
		case Expiring, Next, Services:
			_, bad := p.two(TwoVerbs, []token{p.orders[0], t})
			bad.Suggestions = p.suggest(p.orders[0].text)
			return Request{}, bad
		}
	}
	doubts := p.words(doubt, talk, past, how, unknown)
	if p.count[cancel] > 0 {
		doubts = append(doubts, p.words(cancel)...)
	}
	if p.count[query] > 0 && !p.polite {
		doubts = append(doubts, "?")
	}
	if len(doubts) > 0 {
		return Request{}, &Misunderstanding{Reason: Doubtful, Words: doubts, Suggestions: p.suggest(p.orders[0].text)}
	}
	return p.complete(Verb(p.orders[0].text))
}

// negated suggests the opposite, where that is what may have been meant.
func (p orders) negated() (Request, *Misunderstanding) {
	_, bad := p.refuse(Negated, negation)
	if p.has(Watch) && p.label == "" {
		bad.Suggestions = p.suggest(string(Unwatch))
	}
	return Request{}, bad
}

func (p orders) suggest(v string) []Request {
	r, bad := p.complete(Verb(v))
	if bad != nil {
		return nil
	}
	r.Lang = p.lang
	return []Request{r}
}

// complete makes the order v of what else the text names: exactly what it needs.
func (p orders) complete(v Verb) (Request, *Misunderstanding) {
	r := Request{Verb: v, Label: p.label}
	if v == Watch || v == Unwatch {
		switch {
		case p.count[instance] > 0:
			return p.refuse(NoService, instance)
		case objects(p).service() == "":
			return p.refuse(NoService)
		case p.count[timing] > 0 || p.count[moment]+p.count[step] > 0 || p.stray() || p.count[unit] > 0 || p.count[half] > 0:
			return p.refuse(Misplaced, append(slices.Clone(strays), timing, moment, step, unit, half)...)
		}
		r.Service = objects(p).service()
		return r, nil
	}
	switch {
	case v == Acknowledge && p.count[instance]+p.count[service] == 0 && p.received():
		return Request{Verb: Thanks}, nil
	case p.count[instance] == 0:
		return p.refuse(NoInstance, service)
	case p.count[timing] > 0 || p.stray() || p.count[unit] > 0 || p.count[half] > 0 || v != Snooze && p.count[moment]+p.count[step] > 0:
		return p.refuse(Misplaced, append(slices.Clone(strays), timing, moment, step, unit, half)...)
	}
	r.Service, r.Instance = objects(p).service(), p.things[instance][0].text
	switch {
	case v != Snooze:
		return r, nil
	case p.count[step] > 0 && len(p.whens) > 0:
		return p.refuse(TwoTimes, step, moment)
	case p.count[step] > 0:
		r.Step = true
		return r, nil
	case p.beforehand():
		return p.refuse(BadTime, moment)
	case len(p.whens) == 0 || p.whens[0].vague:
		_, bad := p.refuse(NoTime)
		r.Lang, r.For = p.lang, 3*day
		bad.Suggestions = []Request{r, r}
		bad.Suggestions[1].For, bad.Suggestions[1].Step = 0, true
		return Request{}, bad
	}
	return p.withTimes(r)
}

// received reports whether an acknowledgement is one of what the bot said, as
// 收到 alone is, and of no reminder.
func (p orders) received() bool {
	return !slices.ContainsFunc(p.orders, func(t token) bool {
		said := p.text[t.from:t.to]
		return strings.Contains(said, "ack") || strings.Contains(said, "确认") && !strings.Contains(said, "收到") || strings.Contains(said, "认领")
	})
}

// beforehand reports whether a span is one before the expiry, "3 days before":
// the ladder's, which no snooze may take the place of.
func (p orders) beforehand() bool {
	for _, t := range p.tokens {
		if t.kind == before || t.kind == till && strings.Contains(p.text[t.from:t.to], "前") {
			return slices.ContainsFunc(p.whens, func(w when) bool { return w.minutes > 0 })
		}
	}
	return false
}

// quotesLabel reports whether what stands in quotes is the label for a service
// to be watched: there is a verb for that and a service outside of the quotes.
func (p labels) quotesLabel(tokens []token) bool {
	watch := slices.ContainsFunc(tokens, func(t token) bool { return t.kind == verb && t.text == string(Watch) })
	named := slices.ContainsFunc(tokens, func(t token) bool { return t.kind == service })
	return watch && named
}

// takeLabel finds the label in "watch svco-a Chat prod", "watch svco-a as Chat
// prod" and "watch svco-a “Chat prod”", and takes its tokens away. Only in
// quotes a label may hold words that mean something here.
func (p labels) takeLabel() *Misunderstanding {
	watch := slices.IndexFunc(p.tokens, func(t token) bool { return t.kind == verb && t.text == string(Watch) })
	object := slices.IndexFunc(p.tokens, func(t token) bool { return t.kind == service })
	if watch < 0 || object < 0 {
		return nil
	}
	if i := slices.IndexFunc(p.tokens, func(t token) bool { return t.kind == quoted }); i >= 0 {
		return p.quotedLabel(i)
	}
	from, to := p.bareLabel(object + 1)
	if from >= to {
		return nil
	}
	marked := p.tokens[from-1].kind == as
	label := p.kept[p.opened(from):p.closed(from, to)]
	for i, t := range p.tokens[from:to] {
		if (marked || !p.labelled(p.tokens[object])) && (p.nameable(t) || ordinary(t.kind) && (i > 0 || marked)) {
			continue
		}
		bad := &Misunderstanding{Reason: BadLabel, Words: []string{label}}
		if watch < object && !slices.ContainsFunc(p.tokens[:object], func(t token) bool { return t.kind != verb && t.kind != polite }) {
			bad.Suggestions = []Request{{Verb: Watch, Service: p.tokens[object].text, Label: tidy(label), Lang: p.lang}}
		}
		return bad
	}
	return p.setLabel(label, from, to)
}

// labelled reports whether people call a service by a name already, which no
// stray word behind it may change.
func (p labels) labelled(object token) bool {
	return slices.ContainsFunc(p.Services, func(s Named) bool { return s.ID == object.text && s.Label != "" })
}

// nameable reports whether a token can be nothing but part of a name: a word
// that is not known, nor nearly, or one like deepseek-r1, which has the form of
// an instance's id and not its looks.
func (p labels) nameable(t token) bool {
	word := p.text[t.from:t.to]
	switch t.kind {
	case unknown:
		return mended(word, 1) == "" && strings.IndexByte("<@#[-", word[0]) < 0
	case instance:
		return t.n == 0 && (len(word) < 12 || strings.ContainsAny(word, "-_"))
	}
	return false
}

// ordinary reports whether a token may stand in a label without quotes.
func ordinary(k kind) bool {
	switch k {
	case polite, talk, within, article, number, unit, zhmonth, hour:
		return true
	}
	return false
}

// bareLabel is where a label behind token i begins and ends: after a word such
// as "as", or at the first word that is not polite; up to please, thanks and the
// like. Without a word such as "as" it needs one that can be nothing but a name.
func (p labels) bareLabel(i int) (from, to int) {
	from, to = i, len(p.tokens)
	for from < to && p.tokens[from].kind == polite {
		from++
	}
	marked := from < to && p.tokens[from].kind == as
	for from < to && p.tokens[from].kind == as {
		from++
	}
	for to > from && (p.tokens[to-1].kind == polite && p.tokens[to-1].n == 3 || p.tokens[to-1].kind == query ||
		p.tokens[to-1].kind == verb && p.tokens[to-1].text == string(Thanks)) {
		to--
	}
	if !marked && !slices.ContainsFunc(p.tokens[from:to], p.nameable) && !slices.ContainsFunc(p.tokens[from:to], func(t token) bool { return t.kind == unknown }) {
		return from, from
	}
	return from, to
}

// opened is where the label that begins with token i begins, with the emoji
// before it.
func (p labels) opened(i int) int {
	begin := 0
	if i > 0 {
		begin = p.tokens[i-1].to
	}
	for at := begin; at < p.tokens[i].from; at++ {
		if codeAt(p.kept, at) > 0 {
			return at
		}
	}
	return p.tokens[i].from
}

// closed is where the label of tokens first up to next ends, together with the
// brackets behind it that were opened within, and the emoji behind it.
func (p labels) closed(first, next int) int {
	from, to, end := p.tokens[first].from, p.tokens[next-1].to, len(p.text)
	if next < len(p.tokens) {
		end = p.tokens[next].from
	}
	for to < end {
		open := strings.IndexByte(")]}", p.text[to])
		if open < 0 || strings.Count(p.text[from:to], "([{"[open:open+1]) <= strings.Count(p.text[from:to], ")]}"[open:open+1]) {
			break
		}
		to++
	}
	for at := to; at < end; at++ {
		if n := codeAt(p.kept, at); n > 0 {
			to = at + n
			at = to - 1
		}
	}
	return to
}

func (p labels) quotedLabel(i int) *Misunderstanding {
	t := p.tokens[i]
	return p.setLabel(p.kept[t.from+1:t.to-1], i, i+1)
}

// setLabel takes the label and its tokens, and the word that announced it.
func (p labels) setLabel(label string, from, to int) *Misunderstanding {
	label = tidy(label)
	if n := len([]rune(label)); n == 0 || n > maxLabel {
		return &Misunderstanding{Reason: BadLabel, Words: []string{p.spoken(token{from: p.tokens[from].from, to: p.tokens[to-1].to})}}
	}
	p.label = label
	p.tokens = slices.Delete(slices.Clone(p.tokens), from, to)
	if from > 0 && p.tokens[from-1].kind == as {
		p.tokens = slices.Delete(p.tokens, from-1, from)
	}
	return nil
}

// tidy takes the quotes out of a label, because Line puts it in quotes.
func tidy(label string) string {
	label = strings.Map(func(r rune) rune {
		if r == '"' || r == '`' || r == '<' || r == '>' || r == '&' || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, label)
	return strings.Join(strings.Fields(label), " ")
}
