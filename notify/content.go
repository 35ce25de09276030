package notify

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// lateFrom is the lateness that is worth mentioning.
const lateFrom = 5 * time.Minute

// content is a message with everything that the ledger knows now of what it is
// about.
type content struct {
	message
	own    []reminder // that it carries itself
	thread []reminder // carried by the messages in its thread
	facts  facts
	before map[subject]time.Time // of KindRenewed: the expiry that the channel was told
	survey survey                // of KindDigest, unless it goes into a thread
}

// contentOf loads the content of a message.
func contentOf(ctx context.Context, q querier, p policy, m message, now time.Time) (content, error) {
	c := content{message: m}
	rows, err := collect(ctx, q, func(scan func(...any) error) (w waitingReminder, err error) {
		err = scan(append(reminderFields(&w.reminder), &w.key)...)
		return w, err
	}, `SELECT `+reminderColumns+`, r.message FROM reminder r
		WHERE r.message = $1 OR r.message = $2 OR r.message IN (SELECT key FROM message WHERE parent = $1)
		ORDER BY r.message, r.expires_at, r.service, r.instance`, m.key, corrected(m))
	if err != nil {
		return c, err
	}
	for _, r := range rows {
		if r.key == m.key || m.kind == KindCorrection {
			c.own = append(c.own, r.reminder)
		} else {
			c.thread = append(c.thread, r.reminder)
		}
	}
	if c.facts, err = factsOf(ctx, q, keysOf(rows)); err != nil {
		return c, err
	}
	switch {
	case m.kind == KindRenewed:
		c.before, err = toldBefore(ctx, q, c.own)
	case m.opensDigest():
		c.survey, err = surveyAt(ctx, q, p.only(m.channel), now)
	}
	return c, err
}

// toldBefore returns for each renewal the latest expiry, of those before the
// new one, that the channel was told.
func toldBefore(ctx context.Context, q querier, renewals []reminder) (map[subject]time.Time, error) {
	before := make(map[subject]time.Time, len(renewals))
	for _, r := range renewals {
		times, err := collect(ctx, q, func(scan func(...any) error) (t time.Time, err error) {
			err = scan((*instant)(&t))
			return t, err
		}, `SELECT MAX(r.expires_at) FROM reminder r JOIN message m ON m.key = r.message
			WHERE r.service = $1 AND r.instance = $2 AND r.expires_at < $3 AND r.channel = $4 AND r.kind = 'expiry' AND m.sent_at IS NOT NULL`,
			r.service, r.instance, r.expires.UnixMilli(), r.channel)
		if err != nil {
			return nil, err
		}
		before[r.about()] = times[0]
	}
	return before, nil
}

// corrected is the key of the message that a correction is about; "" of others.
func corrected(m message) string {
	if m.kind == KindCorrection {
		return m.parent
	}
	return ""
}

// outOfDate returns the reminders of its own that nobody needs to hear any more.
// One that goes into a thread was announced already.
func (c content) outOfDate(p pass) []reminder {
	if c.kind == KindCorrection {
		return nil // it says what has become of them
	}
	var old []reminder
	for _, r := range c.own {
		if !p.stands(r, c.facts, p.now) && !(c.parent != "" && p.announced(r, c.facts, p.now)) {
			old = append(old, r)
		}
	}
	return old
}

// over reports whether the message is, or corrects, a digest of yesterday or of an
// earlier day: nobody wants to read it any more.
func (m message) over(p pass) bool {
	return m.day != "" && !p.now.Before(parseDate(m.day).plus(1).begins(p.settings.Zone))
}

// nothingToSay reports whether the message has no content left.
func (c content) nothingToSay(p pass) bool {
	switch c.kind {
	case KindCollected:
		return !slices.ContainsFunc(c.thread, func(r reminder) bool { return p.stands(r, c.facts, p.now) })
	case KindDigest: // a reply needs items
		return c.over(p) || !c.opensDigest() && len(c.own) == 0
	case KindCorrection:
		return c.over(p) || !slices.ContainsFunc(c.own, func(r reminder) bool { return p.now.Before(p.ladderOf(r.service).end(r.expires)) })
	default:
		return len(c.own) == 0
	}
}

// announce says the content as it is true now.
func (c content) announce(p pass) Announcement {
	a := Announcement{
		Key: c.key, Channel: c.channel, Kind: c.kind, At: p.now, Plain: c.plain,
		More: len(c.thread),
	}
	switch c.kind {
	case KindUnreadable, KindReadable:
		for _, r := range c.own {
			t := p.trouble(c.facts.services[r.service])
			if c.kind == KindReadable {
				t.Since = c.facts.services[r.service].outageFrom
			}
			a.Troubles = append(a.Troubles, t)
		}
		sortTroubles(a.Troubles)
	case KindCollected:
		a.Services = c.summaries(p)
	case KindCorrection:
		a.Items = c.corrections(p)
		return a // its key alone identifies it
	default:
		for _, r := range c.own {
			a.Items = append(a.Items, c.item(r, p))
		}
		if c.kind == KindExpiry {
			a.Services = c.summaries(p)
		}
	}
	a.AgedFrom = c.agedFrom(p)
	a.Owners = c.owners(p)
	if c.kind == KindDigest {
		if c.opensDigest() {
			a.Digest = c.digest(p)
		}
		return a // its key alone identifies it
	}
	for _, r := range c.own[:min(len(c.own), maxCarried)] {
		a.Reminders = append(a.Reminders, r.id())
	}
	return a
}

// corrections are the items of which something else is true than when they were
// posted; all of them when that is true again.
func (c content) corrections(p pass) []Item {
	var all, other []Item
	for _, r := range c.own {
		i := c.item(r, p)
		i.Late, i.LateWhy = 0, "" // that was said where it was posted
		if all = append(all, i); !i.Present.IsZero() || i.Pause.By != "" {
			other = append(other, i)
		}
	}
	if len(other) > 0 {
		return other
	}
	return all
}

// item says what one reminder is about.
func (c content) item(r reminder, p pass) Item {
	in := c.facts.instances[r.about()]
	s := c.facts.services[r.service]
	held := c.facts.pauses.of(r.about(), r.expires)
	i := Item{
		Service: r.service, Label: p.labels[r.service], Instance: r.instance,
		Replicas: in.replicas, Status: in.status,
		Expires: r.expires, ZoneAssumed: in.zoneAssumed,
		ReadAt: s.read, Unlisted: in.missed == unlisted || in.missed == gone, Raw: in.expiresRaw,
		Stale: !s.failing.IsZero() || p.now.Sub(s.read) > p.stale || in.expiresRaw != "",
		Pause: held.shown(p.now),
	}
	if r.expires.Equal(unknownExpiry) {
		i.Expires = in.expires
	} else if !in.expires.Equal(r.expires) {
		i.Present = in.expires
	}
	switch r.kind {
	case KindExpiry:
		i.Threshold = r.threshold
		// What a pause held back, or nobody had asked for, is not late.
		due, known := r.crossed(), maxTime(in.known, p.own[r.service].since)
		if held.lifted {
			due = maxTime(due, held.At)
		}
		i.Late, i.LateWhy = c.lateness(due, known, s, p.now)
	case KindRenewed:
		i.Before = c.before[r.about()]
	case KindReverted:
		i.Before = r.promised()
	}
	return i
}

// mentionFrom is from when on reminders mention the owners of a service.
const mentionFrom = 7 * 24 * time.Hour

// owners returns whom the message mentions: those of what expires soon, of what
// they believe to be renewed, and of what only somebody with the console can know
// about. What is in a thread is mentioned above it, once.
func (c content) owners(p pass) []string {
	if c.parent != "" {
		return nil
	}
	var all []string
	for _, r := range slices.Concat(c.own, c.thread) {
		in := c.facts.instances[r.about()]
		if (r.kind == KindExpiry && r.threshold <= mentionFrom || r.kind == KindReverted) && !in.expires.After(r.expires) ||
			r.kind == KindVanished && in.missed == gone || r.kind == KindUnknown && in.unknown() {
			all = append(all, p.own[r.service].Owners...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// lateness returns how late the message is with what was due at a moment, and
// why. known is when the ledger first knew what makes it due.
func (c content) lateness(due, known time.Time, s service, now time.Time) (time.Duration, LateReason) {
	late := cmp.Or(c.sent, now).Sub(due)
	switch {
	case late <= lateFrom:
		return 0, ""
	case known.Sub(due) > lateFrom && !s.outageFrom.After(due) && !known.After(s.outageUntil):
		return late, LateQianfan
	case known.Sub(due) > lateFrom:
		return late, LateFirstSeen
	case c.created.Sub(due) > lateFrom:
		return late, LateNotRunning
	default:
		return late, LateSlack
	}
}

// summaries are the services in the thread, the most urgent first.
func (c content) summaries(p pass) []Summary {
	services, answers := make(map[string]*Summary), make(map[string]tally)
	note := func(s *Summary, r reminder, in instance) {
		s.Replicas += in.replicas
		if s.Soonest.IsZero() || r.expires.Before(s.Soonest) {
			s.Soonest = r.expires
		}
	}
	for _, r := range c.thread {
		s, ok := services[r.service]
		if !ok {
			s = &Summary{Service: r.service, Label: p.labels[r.service]}
			services[r.service], answers[r.service] = s, make(tally)
		}
		in := c.facts.instances[r.about()]
		s.Instances++
		if in.expires.After(r.expires) {
			s.Renewed++
			continue
		}
		note(s, r, in)
		if p.mayRemind(in, p.now) && in.expires.Equal(r.expires) {
			s.Open++
			answers[r.service].pause(c.facts.pauses.of(r.about(), r.expires).shown(p.now))
		}
	}
	for _, r := range c.thread {
		if s := services[r.service]; s.Renewed == s.Instances {
			note(s, r, c.facts.instances[r.about()])
		}
	}
	all := make([]Summary, 0, len(services))
	for id, s := range services {
		s.Shares = answers[id].shares()
		all = append(all, *s)
	}
	slices.SortFunc(all, func(a, b Summary) int {
		return cmp.Or(a.Soonest.Compare(b.Soonest), strings.Compare(a.Service, b.Service))
	})
	return all
}

// digest is the body of a digest.
func (c content) digest(p pass) *Digest {
	window := make(map[subject]time.Time, len(c.survey.window))
	for _, in := range c.survey.window {
		window[subject{in.service, in.id}] = in.expires
	}
	listed := 0
	for _, r := range slices.Concat(c.own, c.thread) {
		if r.expires.Equal(window[r.about()]) {
			listed++
		}
	}
	d := c.survey.body(p.policy, p.settings.Zone, parseDate(c.day), p.now, listed)
	if p.slow > 0 {
		d.Slow, d.CheckEvery = p.slow, p.settings.CheckEvery
	}
	if c.survey.knownBy(c.due) {
		d.Late, d.LateWhy = c.lateness(c.due, time.Time{}, service{}, p.now)
	}
	return d
}

// knownBy reports whether anything of it was known at a moment: a digest is not
// late with what nobody could have listed, such as the first one of a ledger.
func (s survey) knownBy(due time.Time) bool {
	return len(s.window) == 0 || slices.ContainsFunc(s.window, func(in instance) bool { return !in.known.After(due) })
}

// shown is the fingerprint of what an announcement corrects in a message that
// was posted before; shownAsPosted when that is nothing.
func (a Announcement) shown() string {
	var b strings.Builder
	for _, i := range a.Items {
		switch {
		case i.Renewed(): // until when, the next message tells
			fmt.Fprintln(&b, i.Service, i.Instance, i.Expires.Unix(), "renewed")
		case i.Revoked():
			fmt.Fprintln(&b, i.Service, i.Instance, i.Expires.Unix(), i.Present.Unix())
		case a.Kind == KindVanished && !i.Unlisted:
			fmt.Fprintln(&b, i.Service, i.Instance, "listed")
		case a.Kind == KindUnknown && !i.Expires.IsZero() && i.Raw == "":
			fmt.Fprintln(&b, i.Service, i.Instance, "known", i.Expires.Unix())
		case i.Pause.By != "":
			fmt.Fprintln(&b, i.Service, i.Instance, i.Expires.Unix(), i.Pause.By, i.Pause.At.UnixMilli(), i.Pause.Until.Unix())
		}
	}
	a.thread(&b)
	if a.Digest != nil {
		fmt.Fprintln(&b, a.Digest.AllClear, a.Digest.Counts, a.Digest.Losses, a.Digest.Beyond, a.Digest.Vanished, len(a.Digest.Unknown))
	}
	if b.Len() == 0 {
		return shownAsPosted
	}
	sum := sha256.Sum256([]byte(b.String()))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// thread writes what is corrected of the summary of a thread.
func (a Announcement) thread(w io.Writer) {
	if len(a.Services) == 0 {
		return
	}
	for _, s := range a.Services {
		if a.Kind != KindCollected {
			break // another message does not name them
		}
		if s.Renewed > 0 {
			fmt.Fprintln(w, s.Service, s.Renewed)
		}
		if len(s.Shares) > 0 {
			fmt.Fprintln(w, s.Service, s.Acknowledged(), s.Snoozed())
		}
	}
	open, shares := a.Answered()
	for _, s := range shares {
		fmt.Fprintln(w, s.By, s.Acknowledged, s.Snoozed, s.Until.Unix(), open)
	}
}
