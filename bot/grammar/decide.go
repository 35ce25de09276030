package grammar

import (
	"slices"
	"strings"

	"computeunits/qianfan"
)

// A reading is one text on its way to a request.
type reading struct {
	Context
	kept, text string
	lang       string
	mending    bool
	tokens     []token
	whens      []when

	label  string
	verbs  []token               // distinct
	orders []token               // of verbs: those that change something
	things [instance + 1][]token // services and instances, distinct
	count  [moment + 1]int       // of tokens of each kind
	polite bool                  // "could you": a question mark does not make it a question
}

// Each of these is a reading with the methods for one part of the work.
type (
	orders  struct{ *reading }
	labels  struct{ *reading }
	mender  struct{ *reading }
	objects struct{ *reading }
)

// request makes a request of the tokens.
func (p *reading) request() (Request, *Misunderstanding) {
	if bad := (labels{p}).takeLabel(); bad != nil {
		return Request{}, bad
	}
	p.gather()
	switch {
	case p.count[badid] > 0:
		return p.refuse(BadServiceID, badid)
	case p.has(Help):
		return Request{Verb: Help}, nil
	case p.count[how] > 0 && len(p.orders) > 0 && p.count[negation] == 0:
		return Request{Verb: Help}, nil
	case p.count[unknown] > 0 && (len(p.orders) == 0 || p.count[doubt] == 0 || p.count[negation] > 0):
		return mender{p}.mend()
	case len(p.things[service]) > 1:
		return p.two(TwoServices, p.things[service])
	case len(p.things[instance]) > 1:
		return p.two(TwoInstances, p.things[instance])
	case (objects{p}).ambiguousLabel():
		return objects{p}.eachNamesake()
	case len(p.orders) > 0:
		return orders{p}.order()
	case p.count[negation] > 0:
		return Request{}, &Misunderstanding{Reason: Negated, Words: p.words(negation)}
	}
	return p.question()
}

// gather counts the tokens and keeps what the request will be made of.
func (p *reading) gather() {
	p.count, p.verbs, p.orders, p.things, p.polite = [moment + 1]int{}, nil, nil, [instance + 1][]token{}, false
	flipped, canceled := false, slices.ContainsFunc(p.tokens, func(t token) bool { return t.kind == cancel })
	for _, t := range p.tokens {
		p.count[t.kind]++
		switch t.kind {
		case verb:
			if back, ok := opposite(Verb(t.text)); ok && canceled {
				t.text, flipped = string(back), true
			}
			if !slices.ContainsFunc(p.verbs, func(o token) bool { return o.text == t.text }) {
				p.verbs = append(p.verbs, t)
				if Verb(t.text).Changes() {
					p.orders = append(p.orders, t)
				}
			}
		case service, instance:
			if !slices.ContainsFunc(p.things[t.kind], func(o token) bool { return o.text == t.text }) {
				p.things[t.kind] = append(p.things[t.kind], t)
			}
		case polite:
			p.polite = p.polite || t.n == 1 || t.n == 2
		}
	}
	if flipped {
		p.count[cancel] = 0
	}
}

// opposite is the verb that takes back what v does.
func opposite(v Verb) (Verb, bool) {
	switch v {
	case Watch:
		return Unwatch, true
	case Snooze:
		return Unsnooze, true
	case Acknowledge:
		return Unacknowledge, true
	}
	return "", false
}

func (p *reading) has(v Verb) bool {
	return slices.ContainsFunc(p.verbs, func(t token) bool { return t.text == string(v) })
}

// spoken is what token t says, as it was written.
func (p *reading) spoken(t token) string {
	word := []rune(p.kept[t.from:t.to])
	if len(word) > maxWord {
		word = append(word[:maxWord-1], '…')
	}
	return string(word)
}

// words are the first tokens of some kinds, to be repeated.
func (p *reading) words(some ...kind) []string {
	var words []string
	for _, t := range p.tokens {
		if slices.Contains(some, t.kind) && len(words) < maxWords && !slices.Contains(words, p.spoken(t)) {
			words = append(words, p.spoken(t))
		}
	}
	return words
}

func (p *reading) refuse(why Reason, about ...kind) (Request, *Misunderstanding) {
	return Request{}, &Misunderstanding{Reason: why, Words: p.words(about...)}
}

func (p *reading) two(why Reason, which []token) (Request, *Misunderstanding) {
	m := &Misunderstanding{Reason: why, Words: []string{p.spoken(which[0]), p.spoken(which[1])}}
	if why == TwoServices && len(p.verbs) == 0 && len(p.whens) == 0 {
		m.Suggestions = []Request{{Verb: Ask, Service: which[0].text, Timing: p.timing(), Lang: p.lang}}
	}
	return Request{}, m
}

// timing is Prepaid or Postpaid when only one of them was named.
func (p *reading) timing() qianfan.PaymentTiming {
	one := ""
	for _, t := range p.tokens {
		if t.kind == timing {
			if one != "" && one != t.text || t.text == "all" && (objects{p}).service() != "" && len(p.whens) == 0 && len(p.verbs) == 0 {
				return ""
			}
			if t.text != "all" {
				one = t.text
			}
		}
	}
	return qianfan.PaymentTiming(one)
}

func (p objects) service() string {
	if len(p.things[service]) == 0 {
		return ""
	}
	return p.things[service][0].text
}

func (p objects) ambiguousLabel() bool {
	return len(p.things[service]) == 1 && p.things[service][0].n > 1
}

// eachNamesake suggests the same for each service of the label.
func (p objects) eachNamesake() (Request, *Misunderstanding) {
	m := &Misunderstanding{Reason: AmbiguousLabel, Words: p.words(service)}
	called := p.text[p.things[service][0].from:p.things[service][0].to]
	for _, s := range p.Services {
		if len(m.Suggestions) == maxSuggestions || s.Label == "" || spelled(called, s.Label) != len(called) {
			continue
		}
		again := *p.reading
		again.tokens = slices.Clone(p.tokens)
		for i, t := range again.tokens {
			if t.kind == service {
				again.tokens[i].text, again.tokens[i].n = s.ID, 1
			}
		}
		if r, bad := again.request(); bad == nil {
			r.Lang = p.lang
			m.Suggestions = append(m.Suggestions, r)
		}
	}
	return Request{}, m
}

// question reads a text that changes nothing.
func (p *reading) question() (Request, *Misunderstanding) {
	if p.count[instance] > 0 {
		return objects{p}.aboutInstance()
	}
	r := Request{Service: objects{p}.service(), Timing: p.timing()}
	switch asksWhen := len(p.whens) > 0; {
	case p.count[past] > 0 && (r.Service == "" || asksWhen || p.hopeless()):
		return p.refuse(Past, past)
	case p.count[cancel] > 0:
		return p.refuse(Doubtful, cancel)
	case p.stray() || p.count[step] > 0:
		return p.refuse(BadTime, append(slices.Clone(strays), step)...)
	case asksWhen:
		r.Verb = Expiring
		return p.withTimes(r)
	case p.has(Next):
		r.Verb = Next
	case r.Service != "":
		r.Verb = Ask
	case p.has(Expiring):
		r.Verb = Expiring
	case p.has(Services), (objects{p}).onlyService():
		return Request{Verb: Services}, nil
	case p.count[timing] > 0:
		return p.refuse(NoService)
	case p.has(Greeting):
		return Request{Verb: Greeting}, nil
	case p.has(Thanks):
		return Request{Verb: Thanks}, nil
	case len(p.tokens) == 0 && wordless(p.text):
		return Request{Verb: Greeting}, nil
	case slices.ContainsFunc(p.tokens, func(t token) bool { return t.kind == polite && t.n == 2 }):
		return Request{Verb: Help}, nil
	case p.content():
		return Request{Verb: Thanks}, nil
	default:
		return p.refuse(Nothing)
	}
	return r, nil
}

// content reports whether the text says nothing but that all is well: ok, 好的, 👍.
func (p *reading) content() bool {
	return len(p.tokens) > 0 && len(p.tokens) <= 3 && !slices.ContainsFunc(p.tokens, func(t token) bool {
		return t.kind != polite || !contented(p.text[t.from:t.to])
	})
}

// contented reports whether a word is one of content.
func contented(word string) bool {
	switch word {
	case "ok", "okay", "great", "cool", "perfect", "nice", "awesome", "yes", "yep", "yeah", "sure", "alright", "all right", "all good", "well",
		"好", "好的", "好吧", "行", "嗯", "可以了", "的", "👍", "🙏":
		return true
	}
	return false
}

// strays are parts of a time that belong to none that could be read. Units
// alone do no harm in a question ("how many days"), in an order they do.
var strays = []kind{number, ordinal, month, zhmonth, zhday, hour}

func (p *reading) stray() bool {
	return slices.ContainsFunc(strays, func(k kind) bool { return p.count[k] > 0 })
}

// hopeless reports whether the text speaks of a past that no reading shows.
func (p *reading) hopeless() bool {
	return slices.ContainsFunc(p.tokens, func(t token) bool { return t.kind == past && t.n == 0 })
}

// wordless reports whether a text is nothing but pictures.
func wordless(text string) bool {
	words := undecorated(text)
	return !strings.ContainsFunc(words, letter) && (words != text || strings.ContainsFunc(words, picture))
}

func picture(r rune) bool { return r >= 0x2190 && !letter(r) && !han(r) && r != '。' && r != '、' }

// onlyService reports whether the text is about services and nothing else.
func (p objects) onlyService() bool {
	return len(p.verbs) == 0 && slices.ContainsFunc(p.tokens, func(t token) bool {
		return t.kind == polite && p.text[t.from:t.to] == "服务"
	})
}

// aboutInstance asks when an instance expires, whatever else is said of it:
// that is all there is to know. An id before prepaid or postpaid, or one that
// begins almost like that of a service, is a service mistyped.
func (p objects) aboutInstance() (Request, *Misunderstanding) {
	is := p.things[instance][0]
	switch {
	case is.n == 0 && (p.count[timing] > 0 || strings.HasPrefix(strings.ToLower(is.text), "sv")):
		return mender(p).mend()
	case p.hopeless():
		return p.refuse(Past, past)
	case p.count[cancel] > 0:
		return p.refuse(Doubtful, cancel)
	case p.stray():
		return p.refuse(BadTime, strays...)
	}
	return Request{Verb: Expiring, Service: p.service(), Instance: is.text}, nil
}

// withTimes puts the one time of the text into r.
func (p *reading) withTimes(r Request) (Request, *Misunderstanding) {
	var made []Request
	for i, w := range p.whens {
		for w := &w; w != nil; w = w.other {
			if w.bad && w.other != nil {
				continue
			}
			filled, ok := p.fill(r, *w)
			if !ok {
				return p.refuse(BadTime, moment)
			}
			if i == 0 {
				made = append(made, filled)
			} else if !slices.ContainsFunc(made, func(o Request) bool { return o.Line() == filled.Line() }) {
				return p.refuse(TwoTimes, moment)
			}
		}
	}
	if len(made) > 1 {
		_, bad := p.refuse(AmbiguousTime, moment)
		for i := range made {
			made[i].Lang = p.lang
		}
		bad.Suggestions = made
		return Request{}, bad
	}
	return made[0], nil
}

// fill sets For or Until, and reports whether that lies ahead.
func (p *reading) fill(r Request, w when) (Request, bool) {
	switch {
	case w.bad, r.Verb == Snooze && w.excluded:
		return r, false
	case w.minutes > 0:
		r.For = minutes(w.minutes)
		return r, true
	case r.Verb == Snooze:
		r.Until = w.wake()
	default:
		r.Until = w.until()
	}
	return r, r.Until.After(p.Now)
}
