package plan

import (
	"cmp"
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

// Content is a message with everything that the ledger knows now of what it is
// about.
type Content struct {
	Message
	Own    []Reminder // that it carries itself
	Thread []Reminder // carried by the messages in its thread
	Facts  Facts
	Before map[InstanceKey]time.Time // of KindRenewed: the expiry that the channel was told
	Survey Snapshot                  // of KindDigest, unless it goes into a thread
}

// Corrected is the key of the message that a correction is about; "" of others.
func Corrected(m Message) string {
	if m.Kind == KindCorrection {
		return m.Parent
	}
	return ""
}

// OutOfDate returns the reminders of its own that nobody needs to hear any more.
// One that goes into a thread was announced already.
func (c Content) OutOfDate(p Evaluation) []Reminder {
	if c.Kind == KindCorrection {
		return nil // it says what has become of them
	}
	var old []Reminder
	for _, r := range c.Own {
		if !p.StillRelevant(r, c.Facts, p.Now) && !(c.Parent != "" && p.announced(r, c.Facts, p.Now)) {
			old = append(old, r)
		}
	}
	return old
}

// Over reports whether the message is, or corrects, a digest of yesterday or of an
// earlier day: nobody wants to read it any more.
func (m Message) Over(p Evaluation) bool {
	return m.Day != "" && !p.Now.Before(ParseDate(m.Day).Plus(1).Begins(p.Settings.Zone))
}

// NothingToSay reports whether the message has no content left.
func (c Content) NothingToSay(p Evaluation) bool {
	switch c.Kind {
	case KindCollected:
		return !slices.ContainsFunc(c.Thread, func(r Reminder) bool { return p.StillRelevant(r, c.Facts, p.Now) })
	case KindDigest: // a reply needs items
		return c.Over(p) || !c.OpensDigest() && len(c.Own) == 0
	case KindCorrection:
		return c.Over(p) || !slices.ContainsFunc(c.Own, func(r Reminder) bool { return p.Now.Before(p.LadderOf(r.Service).End(r.Expires)) })
	default:
		return len(c.Own) == 0
	}
}

// Announce says the content as it is true now.
func (c Content) Announce(p Evaluation) Announcement {
	a := Announcement{
		Key: c.Key, Channel: c.Channel, Kind: c.Kind, At: p.Now, Plain: c.Plain,
		More: len(c.Thread),
	}
	switch c.Kind {
	case KindUnreadable, KindReadable:
		for _, r := range c.Own {
			t := p.Trouble(c.Facts.Services[r.Service])
			if c.Kind == KindReadable {
				t.Since = c.Facts.Services[r.Service].OutageFrom
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
		for _, r := range c.Own {
			a.Items = append(a.Items, c.Item(r, p))
		}
		if c.Kind == KindExpiry {
			a.Services = c.summaries(p)
		}
	}
	a.AgedFrom = c.agedFrom(p)
	a.Owners = c.owners(p)
	if c.Kind == KindDigest {
		if c.OpensDigest() {
			a.Digest = c.digest(p)
		}
		return a // its key alone identifies it
	}
	for _, r := range c.Own[:min(len(c.Own), MaxCarried)] {
		a.Reminders = append(a.Reminders, r.ID())
	}
	return a
}

// corrections are the items of which something else is true than when they were
// posted; all of them when that is true again.
func (c Content) corrections(p Evaluation) []Item {
	var all, other []Item
	for _, r := range c.Own {
		i := c.Item(r, p)
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

// Item says what one reminder is about.
func (c Content) Item(r Reminder, p Evaluation) Item {
	in := c.Facts.Instances[r.About()]
	s := c.Facts.Services[r.Service]
	held := c.Facts.Pauses.Of(r.About(), r.Expires)
	i := Item{
		Service: r.Service, Label: p.Labels[r.Service], Instance: r.Instance,
		Replicas: in.Replicas, Status: in.Status,
		Expires: r.Expires, ZoneAssumed: in.ZoneAssumed,
		ReadAt: s.Read, Unlisted: in.Missed == Unlisted || in.Missed == Gone, Raw: in.ExpiresRaw,
		Stale: !s.Failing.IsZero() || p.Now.Sub(s.Read) > p.stale || in.ExpiresRaw != "",
		Pause: held.Shown(p.Now),
	}
	if r.Expires.Equal(unknownExpiry) {
		i.Expires = in.Expires
	} else if !in.Expires.Equal(r.Expires) {
		i.Present = in.Expires
	}
	switch r.Kind {
	case KindExpiry:
		i.Threshold = r.Threshold
		// What a pause held back, or nobody had asked for, is not late.
		due, known := r.DueAt(), MaxTime(in.Known, p.Own[r.Service].Since)
		if held.Lifted {
			due = MaxTime(due, held.At)
		}
		i.Late, i.LateWhy = c.lateness(due, known, s, p.Now)
	case KindRenewed:
		i.Before = c.Before[r.About()]
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
func (c Content) owners(p Evaluation) []string {
	if c.Parent != "" {
		return nil
	}
	var all []string
	for _, r := range slices.Concat(c.Own, c.Thread) {
		in := c.Facts.Instances[r.About()]
		if (r.Kind == KindExpiry && r.Threshold <= mentionFrom || r.Kind == KindReverted) && !in.Expires.After(r.Expires) ||
			r.Kind == KindVanished && in.Missed == Gone || r.Kind == KindUnknown && in.Unknown() {
			all = append(all, p.Own[r.Service].Owners...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// lateness returns how late the message is with what was due at a moment, and
// why. known is when the ledger first knew what makes it due.
func (c Content) lateness(due, known time.Time, s ServiceState, now time.Time) (time.Duration, LateReason) {
	late := cmp.Or(c.Sent, now).Sub(due)
	switch {
	case late <= lateFrom:
		return 0, ""
	case known.Sub(due) > lateFrom && !s.OutageFrom.After(due) && !known.After(s.OutageUntil):
		return late, LateQianfan
	case known.Sub(due) > lateFrom:
		return late, LateFirstSeen
	case c.Created.Sub(due) > lateFrom:
		return late, LateNotRunning
	default:
		return late, LateSlack
	}
}

// summaries are the services in the thread, the most urgent first.
func (c Content) summaries(p Evaluation) []Summary {
	services, answers := make(map[string]*Summary), make(map[string]counts)
	note := func(s *Summary, r Reminder, in Instance) {
		s.Replicas += in.Replicas
		if s.Soonest.IsZero() || r.Expires.Before(s.Soonest) {
			s.Soonest = r.Expires
		}
	}
	for _, r := range c.Thread {
		s, ok := services[r.Service]
		if !ok {
			s = &Summary{Service: r.Service, Label: p.Labels[r.Service]}
			services[r.Service], answers[r.Service] = s, make(counts)
		}
		in := c.Facts.Instances[r.About()]
		s.Instances++
		if in.Expires.After(r.Expires) {
			s.Renewed++
			continue
		}
		note(s, r, in)
		if p.MayRemind(in, p.Now) && in.Expires.Equal(r.Expires) {
			s.Open++
			answers[r.Service].pause(c.Facts.Pauses.Of(r.About(), r.Expires).Shown(p.Now))
		}
	}
	for _, r := range c.Thread {
		if s := services[r.Service]; s.Renewed == s.Instances {
			note(s, r, c.Facts.Instances[r.About()])
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
func (c Content) digest(p Evaluation) *Digest {
	window := make(map[InstanceKey]time.Time, len(c.Survey.Window))
	for _, in := range c.Survey.Window {
		window[InstanceKey{in.Service, in.ID}] = in.Expires
	}
	listed := 0
	for _, r := range slices.Concat(c.Own, c.Thread) {
		if r.Expires.Equal(window[r.About()]) {
			listed++
		}
	}
	d := c.Survey.body(p.Policy, p.Settings.Zone, ParseDate(c.Day), p.Now, listed)
	if p.Slow > 0 {
		d.Slow, d.CheckEvery = p.Slow, p.Settings.CheckEvery
	}
	if c.Survey.knownBy(c.Due) {
		d.Late, d.LateWhy = c.lateness(c.Due, time.Time{}, ServiceState{}, p.Now)
	}
	return d
}

// knownBy reports whether anything of it was known at a moment: a digest is not
// late with what nobody could have listed, such as the first one of a ledger.
func (s Snapshot) knownBy(due time.Time) bool {
	return len(s.Window) == 0 || slices.ContainsFunc(s.Window, func(in Instance) bool { return !in.Known.After(due) })
}

// Fingerprint is the fingerprint of what an announcement corrects in a message that
// was posted before; shownAsPosted when that is nothing.
func (a Announcement) Fingerprint() string {
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
		return EditAsPosted
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
