package notify

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"computeunits/notify/delivery"
	"computeunits/notify/plan"
)

const ()

// fault is what a room does to one request to post.
type fault int

const (
	fine             fault = iota
	commitDrop             // the message stands, the answer is lost
	drop                   // the request is lost, nobody knows
	unwritten              // nothing was written to the network
	limited                // 429
	limitedButPosted       // 429, and the message stands
	refused                // channel_not_found
	rejected               // invalid_blocks
	panics                 // a bug of the sender
)

// posted is a message of the bot in a room.
type posted struct {
	plan.Announcement
	ts      string
	at      time.Time
	edits   []plan.Announcement
	deleted bool
}

// shows is what the message says after its edits.
func (p *posted) shows() plan.Announcement {
	if len(p.edits) > 0 {
		return p.edits[len(p.edits)-1]
	}
	return p.Announcement
}

// room is Slack as far as a Sender's contract describes it: it keeps what
// stands in its channels and answers as its faults say. It complains about
// whatever Slack would not like.
type room struct {
	t testing.TB

	mu       sync.Mutex
	messages []*posted
	requests int
	pages    int                  // of history
	last     map[string]time.Time // of the posts and edits, by channel
	wait     map[string]time.Time // no request before, by channel

	pressed    bool                            // somebody presses buttons: edits come at people's pace
	retryAfter time.Duration                   // what limited asks for; 0: 30s
	answer     func(a plan.Announcement) fault // to posts; nil: fine
	editing    func(ts string) fault           // to edits; nil: fine
	looking    func() error                    // to look-ups; nil: they succeed
	during     func(a plan.Announcement)       // runs while a post is under way, unlocked
	deleting   func(channel, ts string) bool   // false: the request fails; nil: true
	checking   func() error                    // to checks; nil: they find nothing
}

func newRoom(t testing.TB) *room {
	return &room{t: t, last: make(map[string]time.Time), wait: make(map[string]time.Time)}
}

// arrive notes a request and complains when it comes too early.
func (r *room) arrive(channel string, paced bool) {
	r.requests++
	now := time.Now()
	if now.Before(r.wait[channel]) {
		r.t.Errorf("a request %v before Retry-After was over", r.wait[channel].Sub(now))
	}
	if last, ok := r.last[channel]; paced && ok && now.Sub(last) < delivery.PostEvery {
		r.t.Errorf("two requests within %v", now.Sub(last))
	}
	if paced {
		r.last[channel] = now
	}
}

func (r *room) fail(channel string, f fault) error {
	switch f {
	case commitDrop, drop:
		return &delivery.SendError{Outcome: delivery.Ambiguous, Err: errors.New("connection reset by peer")}
	case unwritten:
		return &delivery.SendError{Outcome: delivery.NotSent, Err: errors.New("connection refused")}
	case limited, limitedButPosted:
		after := r.retryAfter
		if after == 0 {
			after = 30 * time.Second
		}
		r.wait[channel] = time.Now().Add(after)
		return &delivery.SendError{Outcome: delivery.RateLimited, RetryAfter: after, Reason: "ratelimited"}
	case refused:
		return &delivery.SendError{Outcome: delivery.Refused, Reason: "channel_not_found"}
	case rejected:
		return &delivery.SendError{Outcome: delivery.Rejected, Reason: "invalid_blocks"}
	default:
		return nil
	}
}

func (r *room) Post(_ context.Context, a plan.Announcement) (delivery.Receipt, error) {
	if r.during != nil {
		r.during(a)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.arrive(a.Channel, true)
	f := fine
	if r.answer != nil {
		f = r.answer(a)
	}
	if f == panics {
		panic("a bug of the sender")
	}
	detached := false
	if f == fine || f == commitDrop || f == limitedButPosted {
		if parent := r.byTS(a.ThreadTS); a.ThreadTS != "" && parent == nil && !r.tombstone(a.ThreadTS) {
			detached, a.ThreadTS = true, "" // Slack puts it into the channel
		}
		r.inspect(a)
		r.messages = append(r.messages, &posted{Announcement: a, at: time.Now(),
			ts: fmt.Sprintf("%010d.%06d", time.Now().Unix(), len(r.messages)+1)})
	}
	if err := r.fail(a.Channel, f); err != nil {
		return delivery.Receipt{}, err
	}
	return delivery.Receipt{TS: r.messages[len(r.messages)-1].ts, Channel: a.Channel, Detached: detached}, nil
}

// tombstone reports whether something stands below a deleted message.
func (r *room) tombstone(ts string) bool {
	return slices.ContainsFunc(r.messages, func(p *posted) bool { return p.ThreadTS == ts && !p.deleted })
}

// inspect complains about a message that breaks the contract.
func (r *room) inspect(a plan.Announcement) {
	if len(a.Items) > plan.MaxCarried || len(a.Reminders) > plan.MaxCarried {
		r.t.Errorf("%s carries %d items and %d reminders", a.Key, len(a.Items), len(a.Reminders))
	}
	if a.ThreadTS != "" && !slices.ContainsFunc(r.messages, func(p *posted) bool { return p.ts == a.ThreadTS && !p.deleted }) {
		r.t.Errorf("%s goes into the thread of %s, which does not exist", a.Key, a.ThreadTS)
	}
}

func (r *room) Update(_ context.Context, ts string, a plan.Announcement) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.arrive(a.Channel, !r.pressed)
	f := fine
	if r.editing != nil {
		f = r.editing(ts)
	}
	if f == fine || f == commitDrop {
		p := r.byTS(ts)
		if p == nil {
			return &delivery.SendError{Outcome: delivery.Rejected, Reason: "message_not_found"}
		}
		p.edits = append(p.edits, a)
	}
	return r.fail(a.Channel, f)
}

func (r *room) byTS(ts string) *posted {
	for _, p := range r.messages {
		if p.ts == ts && !p.deleted {
			return p
		}
	}
	return nil
}

// pageSize is how many messages a page of a room's history has.
const pageSize = 50

func (r *room) History(_ context.Context, channel string, w delivery.Window) (page delivery.Page, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.arrive(channel, false)
	r.pages++
	if r.looking != nil {
		if err := r.looking(); err != nil {
			return page, err
		}
	}
	from := plan.SlackTS(w.From)
	n := 0
	for _, p := range slices.Backward(r.messages) {
		if p.Channel != channel || p.ThreadTS != "" || p.ts < from || w.Before != "" && p.ts >= w.Before || p.deleted && !r.tombstone(p.ts) {
			continue
		}
		if n == pageSize {
			page.More = true
			return page, nil
		}
		n++
		page.Oldest = p.ts
		switch {
		case p.deleted:
			page.Threads = append(page.Threads, p.ts)
		case p.Key != "":
			page.Deliveries = append(page.Deliveries, p.delivery())
			if p.Kind == plan.KindCollected {
				page.Threads = append(page.Threads, p.ts)
			}
		}
	}
	return page, nil
}

func (r *room) Thread(_ context.Context, channel, parent string) (found []plan.Delivery, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.arrive(channel, false)
	if r.looking != nil {
		if err := r.looking(); err != nil {
			return nil, err
		}
	}
	if p := r.byTS(parent); p != nil && p.ThreadTS != "" {
		parent = p.ThreadTS // the timestamp of a reply finds its thread, too
	}
	for _, p := range r.messages {
		if p.Channel == channel && !p.deleted && (p.ts == parent || p.ThreadTS == parent) {
			found = append(found, p.delivery())
		}
	}
	return found, nil
}

func (p *posted) delivery() plan.Delivery {
	return plan.Delivery{Key: p.Key, Reminders: p.Reminders, Ledger: p.Ledger, TS: p.ts, Thread: p.ThreadTS}
}

// chatter has other people write n messages.
func (r *room) chatter(channel string, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for range n {
		r.messages = append(r.messages, &posted{Announcement: plan.Announcement{Channel: channel}, at: time.Now(),
			ts: fmt.Sprintf("%010d.%06d", time.Now().Unix(), len(r.messages)+1)})
	}
}

func (r *room) Delete(_ context.Context, channel, ts string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.arrive(channel, false)
	if r.deleting != nil && !r.deleting(channel, ts) {
		return &delivery.SendError{Outcome: delivery.Ambiguous}
	}
	if p := r.byTS(ts); p != nil {
		p.deleted = true
	}
	return nil
}

func (r *room) Check(context.Context, string) error {
	if r.checking != nil {
		return r.checking()
	}
	return nil
}

// standing are the messages that people see, in order.
func (r *room) standing() []*posted {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(r.messages), func(p *posted) bool { return p.deleted || p.Key == "" })
}

// of returns those of one kind.
func (r *room) of(kind plan.Kind) []*posted {
	return slices.DeleteFunc(r.standing(), func(p *posted) bool { return p.Kind != kind })
}

// expect fails unless exactly these messages stand in the room, in any order
// of their items. See posted.String.
func (r *room) expect(want ...string) {
	r.t.Helper()
	var got []string
	for _, p := range r.standing() {
		got = append(got, p.String())
	}
	if !slices.Equal(got, want) {
		r.t.Errorf("the channel shows\n\t%s\nand not\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// String says in a line what the message was when it was posted and, after an
// arrow, what else it says now.
func (p *posted) String() string {
	text := line(p.Announcement)
	if p.ThreadTS != "" {
		text = "  " + text
	}
	if now := line(p.shows()); now != line(p.Announcement) {
		text += " -> " + now
	}
	return text
}

func line(a plan.Announcement) string {
	words := []string{string(a.Kind)}
	for _, i := range a.Items {
		word := i.Instance
		if a.Kind == plan.KindExpiry {
			word += "@" + plan.Ladder{i.Threshold}.String()
		}
		switch {
		case i.Renewed():
			word += "(renewed)"
		case i.Revoked():
			word += "(revoked)"
		}
		words = append(words, word)
	}
	for _, s := range a.Services {
		if a.Kind != plan.KindCollected {
			continue
		}
		word := fmt.Sprintf("%s:%d", s.Service, s.Instances)
		if s.Renewed > 0 {
			word += fmt.Sprintf("-%d", s.Renewed)
		}
		words = append(words, word)
	}
	for _, t := range a.Troubles {
		words = append(words, t.Service)
	}
	if a.Digest != nil && a.Digest.AllClear {
		words = append(words, "all clear")
	}
	if a.Plain {
		words = append(words, "plain")
	}
	if a.PossiblyRepeated {
		words = append(words, "possibly repeated")
	}
	return strings.Join(words, " ")
}

// onlyOnce fails if a reminder stands in two messages, or a key does.
func (r *room) onlyOnce() {
	r.t.Helper()
	seen := make(map[string]int)
	for _, p := range r.standing() {
		seen[p.Key]++
		for _, id := range p.Reminders {
			seen[id]++
		}
	}
	for _, id := range slices.Sorted(maps.Keys(seen)) {
		if seen[id] > 1 {
			r.t.Errorf("%s stands in the channel %d times", id, seen[id])
		}
	}
}
