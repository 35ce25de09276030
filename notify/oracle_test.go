package notify

import (
	"fmt"
	"testing"
	"time"

	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// oracle says what a channel must and must never be told, by the promise of
// the notifier and not by its code: it has its own idea of what Qianfan told,
// of steps and of days, and remembers what stands in the channel.
type oracle struct {
	t      testing.TB
	ladder []time.Duration // longest first; the last is 6 days after the expiry
	zone   *time.Location

	known   map[plan.InstanceKey]*knowledge
	failing map[string]time.Time // services whose last reading failed, since
	denied  map[string]bool

	said    map[said]bool
	told    map[plan.InstanceKey]map[time.Time]bool // expiries that the channel was told
	notices map[string]time.Time                    // last notice of a service
	noticed map[string]bool                         // without a recovery since
	digests map[string]int
	mustDay map[string]bool // days whose digest had something to say at its time
}

// knowledge is what complete readings told of an instance.
type knowledge struct {
	expires  time.Time
	replicas int
	absent   int // complete readings in a row that did not list it
	over     bool
	gone     time.Time // the second complete reading that did not list it; zero: none
}

type said struct {
	plan.InstanceKey
	expires time.Time
	step    time.Duration
	kind    plan.Kind
}

func newOracle(t testing.TB, s plan.Settings) *oracle {
	return &oracle{
		t: t, ladder: s.Before, zone: s.Zone,
		known: make(map[plan.InstanceKey]*knowledge), failing: make(map[string]time.Time), denied: make(map[string]bool),
		said: make(map[said]bool), told: make(map[plan.InstanceKey]map[time.Time]bool),
		notices: make(map[string]time.Time), noticed: make(map[string]bool),
		digests: make(map[string]int), mustDay: make(map[string]bool),
	}
}

// read learns from an answer of Qianfan.
func (o *oracle) read(service string, list []qianfan.Instance, err error) {
	now := time.Now()
	if err != nil {
		if _, before := o.failing[service]; !before {
			o.failing[service] = now
		}
		o.denied[service] = err == error(errDenied)
		return
	}
	delete(o.failing, service)
	delete(o.denied, service)
	listed := make(map[plan.InstanceKey]bool)
	for _, in := range list {
		s := plan.InstanceKey{Service: service, Instance: in.ID}
		listed[s] = true
		o.known[s] = &knowledge{expires: in.Expires, replicas: in.Replicas}
	}
	for s, k := range o.known {
		if s.Service != service || listed[s] {
			continue
		}
		// Once it has expired, Baidu may stop listing it: that is not gone.
		if k.absent < 2 && !now.Before(k.expires.Add(-5*time.Minute)) {
			k.over = true
		}
		if k.absent++; k.absent == 2 {
			k.gone = now
		}
	}
}

// there reports whether an instance is to be reminded of at all.
// Of one that is not listed any more before its expiry a week longer.
func (k *knowledge) there() bool {
	return k != nil && (k.absent < 2 || k.over || time.Now().Before(k.gone.Add(7*day)))
}

// step returns the most urgent step that is crossed.
func (o *oracle) step(expires, now time.Time) (step time.Duration, ok bool) {
	if now.Sub(expires) >= 7*day {
		return 0, false
	}
	for _, s := range o.ladder {
		if now.Sub(expires) >= -s {
			step, ok = s, true
		}
	}
	return step, ok
}

// posted judges a message in the moment in which it begins to stand.
func (o *oracle) posted(a plan.Announcement) {
	switch a.Kind {
	case plan.KindExpiry:
		for _, i := range a.Items {
			o.reminded(i, a.PossiblyRepeated)
		}
	case plan.KindRenewed:
		for _, i := range a.Items {
			o.renewed(i, a.PossiblyRepeated)
		}
	case plan.KindReverted:
		for _, i := range a.Items {
			o.reverted(i, a.PossiblyRepeated)
		}
	case plan.KindVanished:
		for _, i := range a.Items {
			o.vanished(i, a.PossiblyRepeated)
		}
	case plan.KindUnreadable:
		o.unreadable(a)
	case plan.KindReadable:
		for _, t := range a.Troubles {
			if _, failing := o.failing[t.Service]; failing || !o.noticed[t.Service] {
				o.t.Errorf("%v: %s is called readable; failing: %v, noticed: %v", time.Now(), t.Service, failing, o.noticed[t.Service])
			}
			o.noticed[t.Service] = false
		}
	case plan.KindDigest:
		if a.ThreadTS == "" {
			o.digest(a)
		}
	}
}

func (o *oracle) reminded(i plan.Item, perhaps bool) {
	now := time.Now()
	s := plan.InstanceKey{Service: i.Service, Instance: i.Instance}
	k := o.known[s]
	id := said{s, i.Expires, i.Threshold, plan.KindExpiry}
	step, due := o.step(i.Expires, now)
	switch {
	case !k.there() || !k.expires.Equal(i.Expires):
		o.t.Errorf("%v: reminded of %v, which expires %v by what is known: %+v", now, s, i.Expires, k)
	case !due || step != i.Threshold:
		o.t.Errorf("%v: reminded of step %v of %v before %v; due is %v, %v", now, i.Threshold, s, i.Expires, step, due)
	case o.said[id] && !perhaps:
		o.t.Errorf("%v: step %v of %v before %v is said again", now, i.Threshold, s, i.Expires)
	case i.Replicas != k.replicas:
		o.t.Errorf("%v: %v has %d replicas, not %d", now, s, k.replicas, i.Replicas)
	}
	if late := now.Sub(i.Expires.Add(-i.Threshold)); late > 6*time.Minute && i.Late == 0 {
		o.t.Errorf("%v: step %v of %v is %v late and does not say so", now, i.Threshold, s, late)
	}
	o.said[id] = true
	if o.told[s] == nil {
		o.told[s] = make(map[time.Time]bool)
	}
	o.told[s][i.Expires] = true
}

// before returns the latest expiry before this one that the channel was told.
func (o *oracle) before(s plan.InstanceKey, expires time.Time) (latest time.Time) {
	for t := range o.told[s] {
		if t.Before(expires) && t.After(latest) {
			latest = t
		}
	}
	return latest
}

func (o *oracle) renewed(i plan.Item, perhaps bool) {
	s := plan.InstanceKey{Service: i.Service, Instance: i.Instance}
	k := o.known[s]
	id := said{s, i.Expires, 0, plan.KindRenewed}
	switch {
	case !k.there() || !k.expires.Equal(i.Expires):
		o.t.Errorf("%v: %v is called renewed until %v; known is %+v", time.Now(), s, i.Expires, k)
	case o.said[id] && !perhaps:
		o.t.Errorf("%v: the renewal of %v until %v is said again", time.Now(), s, i.Expires)
	case o.before(s, i.Expires).IsZero() || !o.before(s, i.Expires).Equal(i.Before):
		o.t.Errorf("%v: %v is called renewed from %v; the channel was told %v", time.Now(), s, i.Before, o.before(s, i.Expires))
	}
	o.said[id] = true
}

func (o *oracle) reverted(i plan.Item, perhaps bool) {
	s := plan.InstanceKey{Service: i.Service, Instance: i.Instance}
	k := o.known[s]
	id := said{s, i.Expires, i.Before.Sub(i.Expires), plan.KindReverted}
	switch {
	case !k.there() || !k.expires.Equal(i.Expires):
		o.t.Errorf("%v: %v is said to expire %v after all; known is %+v", time.Now(), s, i.Expires, k)
	case o.said[id] && !perhaps:
		o.t.Errorf("%v: the renewal of %v until %v is taken back again", time.Now(), s, i.Before)
	case !i.Before.After(i.Expires) || !o.said[said{s, i.Before, 0, plan.KindRenewed}]:
		o.t.Errorf("%v: of %v the channel was not told that it is renewed until %v", time.Now(), s, i.Before)
	}
	o.said[id] = true
}

// vanished judges that an instance is called not listed any more.
func (o *oracle) vanished(i plan.Item, perhaps bool) {
	s := plan.InstanceKey{Service: i.Service, Instance: i.Instance}
	k := o.known[s]
	id := o.vanishing(s, k)
	switch {
	case k == nil || k.absent < 2 || k.over || !k.expires.Equal(i.Expires):
		o.t.Errorf("%v: %v, which expires %v, is called not listed; known is %+v", time.Now(), s, i.Expires, k)
	case o.said[id] && !perhaps:
		o.t.Errorf("%v: that %v is not listed is said again", time.Now(), s)
	}
	o.said[id] = true
}

// vanishing is that an instance has vanished, which is said once a day at most.
func (o *oracle) vanishing(s plan.InstanceKey, k *knowledge) said {
	return said{s, k.expires, time.Duration(k.gone.Unix() / (24 * 60 * 60)), plan.KindVanished}
}

func (o *oracle) unreadable(a plan.Announcement) {
	now := time.Now()
	due := false
	for _, t := range a.Troubles {
		since, failing := o.failing[t.Service]
		switch {
		case !failing:
			o.t.Errorf("%v: %s is called unreadable", now, t.Service)
		case !o.notices[t.Service].IsZero() && now.Sub(o.notices[t.Service]) < 24*time.Hour-time.Hour && !a.PossiblyRepeated:
			o.t.Errorf("%v: %s is mentioned again after %v", now, t.Service, now.Sub(o.notices[t.Service]))
		}
		due = due || o.denied[t.Service] || now.Sub(since) >= time.Hour
		o.notices[t.Service], o.noticed[t.Service] = now, true
	}
	if !due {
		o.t.Errorf("%v: an outage is told too early", now)
	}
}

// promised returns the latest moment until which the channel was told of a renewal,
// if that is after an expiry, and to which expiries it was taken back.
func (o *oracle) promised(s plan.InstanceKey, expires time.Time) (until time.Time, takenBack map[time.Time]bool) {
	for id := range o.said {
		if id.InstanceKey == s && id.kind == plan.KindRenewed && id.expires.After(expires) {
			until = plan.MaxTime(until, id.expires)
		}
	}
	takenBack = make(map[time.Time]bool)
	for id := range o.said {
		if id.InstanceKey == s && id.kind == plan.KindReverted && (until.IsZero() || id.expires.Add(id.step).Equal(until)) {
			takenBack[id.expires] = true
		}
	}
	return until, takenBack
}

func earliest(times map[time.Time]bool) (first time.Time) {
	for t := range times {
		if first.IsZero() || t.Before(first) {
			first = t
		}
	}
	return first
}

// window is what a digest has to count, by urgency.
func (o *oracle) window(now time.Time) map[plan.Urgency]int {
	count := make(map[plan.Urgency]int)
	for _, k := range o.known {
		left := k.expires.Sub(now)
		if !k.there() || left > 30*day || left <= -7*day {
			continue
		}
		switch {
		case left <= 0:
			count[plan.Expired]++
		case left <= day:
			count[plan.WithinDay]++
		case left <= 7*day:
			count[plan.WithinWeek]++
		default:
			count[plan.WithinMonth]++
		}
	}
	return count
}

func (o *oracle) digest(a plan.Announcement) {
	now := time.Now()
	today := now.In(o.zone).Format(time.DateOnly)
	if a.Digest.Day.String() != today || now.In(o.zone).Hour() < 9 {
		o.t.Errorf("%v: the digest of %v", now.In(o.zone), a.Digest.Day)
	}
	if o.digests[today]++; o.digests[today] > 1 && !a.PossiblyRepeated {
		o.t.Errorf("%v: another digest of %s", now, today)
	}
	want := o.window(now)
	got := make(map[plan.Urgency]int)
	for _, c := range a.Digest.Counts {
		got[c.Urgency] = c.Instances
	}
	if fmt.Sprint(got) != fmt.Sprint(want) || a.Digest.AllClear || len(a.Digest.Unread) != len(o.failing) {
		o.t.Errorf("%v: the digest counts %v and not %v, and %d unread services, not %d", now, got, want, len(a.Digest.Unread), len(o.failing))
	}
}

// morning notes, after all services were read, whether today's digest has
// something to say at the first reading after its time.
func (o *oracle) morning() {
	now := time.Now()
	today := now.In(o.zone).Format(time.DateOnly)
	if _, decided := o.mustDay[today]; !decided && now.In(o.zone).Hour() >= 9 {
		o.mustDay[today] = len(o.window(now)) > 0 || len(o.failing) > 0
	}
}

// nothingMissing fails unless all that had to be said by a moment was said, and
// what stands in the channel is true. Since then nothing stood in the way.
func (o *oracle) nothingMissing(since time.Time, standing []*posted) {
	now := time.Now()
	for s, k := range o.known {
		if k.absent >= 2 && !k.over && k.there() && k.gone.Before(since) && k.expires.After(now) && !o.said[o.vanishing(s, k)] {
			o.t.Errorf("%v: nobody knows that %v is not listed any more since %v", now, s, k.gone)
		}
		if !k.there() {
			continue
		}
		step, due := o.step(k.expires, since)
		if later, _ := o.step(k.expires, now); due && step == later && !o.saidSince(s, k.expires, step) {
			o.t.Errorf("%v: step %v of %v before %v was never said", now, step, s, k.expires)
		}
		until, takenBack := o.promised(s, k.expires)
		if !o.before(s, k.expires).IsZero() && k.expires.After(now) && !o.said[said{s, k.expires, 0, plan.KindRenewed}] && !takenBack[k.expires] {
			o.t.Errorf("%v: nobody said that %v was renewed until %v", now, s, k.expires)
		}
		if down := earliest(takenBack); !until.IsZero() && due && (down.IsZero() || down.After(k.expires)) {
			o.t.Errorf("%v: nobody took back that %v was renewed until %v: it is %v", now, s, until, k.expires)
		}
	}
	today := since.In(o.zone).Format(time.DateOnly)
	if o.mustDay[today] && now.In(o.zone).Format(time.DateOnly) == today && o.digests[today] != 1 {
		o.t.Errorf("%v: the day has %d digests", now, o.digests[today])
	}
	for id, from := range o.failing {
		if (o.denied[id] || since.Sub(from) > time.Hour) && !o.noticed[id] && now.Sub(o.notices[id]) > 26*time.Hour {
			o.t.Errorf("%v: nobody knows that %s cannot be read since %v", now, id, from)
		}
	}
	for id, noticed := range o.noticed {
		if _, failing := o.failing[id]; noticed && !failing {
			o.t.Errorf("%v: nobody knows that %s can be read again", now, id)
		}
	}
	for _, p := range standing {
		for _, i := range p.shows().Items {
			k := o.known[plan.InstanceKey{Service: i.Service, Instance: i.Instance}]
			if p.Kind == plan.KindExpiry && k != nil && (k.expires.After(i.Expires) != i.Renewed() || k.expires.Before(i.Expires) != i.Revoked()) {
				o.t.Errorf("%v: %v stands uncorrected; %v expires %v", now, p, i.Instance, k.expires)
			}
		}
	}
}

// saidSince reports whether this step of an expiry, or a more urgent one, was said.
func (o *oracle) saidSince(s plan.InstanceKey, expires time.Time, step time.Duration) bool {
	for _, l := range o.ladder {
		if l <= step && o.said[said{s, expires, l, plan.KindExpiry}] {
			return true
		}
	}
	return false
}
