package bot

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"computeunits/bot/grammar"
	"computeunits/notify"
	"computeunits/qianfan"
)

const (
	maxSearched = 5000 // items of all services that are looked through for those of one
	maxReaders  = 4    // services read at once for one question
)

// outlook says what expires until some moment, or next, in everything that is
// watched or in one service: by the last good reads, or, where there are none,
// by what Qianfan says now.
func (a *answerer) outlook(ctx context.Context, w asking, r grammar.Request, now time.Time, f folio) response {
	if r.Instance != "" {
		return a.instance(ctx, w, r, now)
	}
	if r.Timing == qianfan.Postpaid {
		return response{rendering: para(w.Book, w.Say("outlook.postpaid"))}
	}
	until, skip, limit := horizon(r, now), f.begin, maxEntries
	if r.Verb == grammar.Next {
		skip, limit = 0, maxSearched
	}
	o, labels, err := a.expiring(ctx, w, r.Service, now, until, skip, limit)
	if err == nil && skip > 0 && len(o.Items) == 0 { // there are fewer by now
		f.begin = 0
		o, labels, err = a.expiring(ctx, w, r.Service, now, until, 0, limit)
	}
	if r.Verb == grammar.Next {
		f.begin, o.Items = 0, upcoming(o.Items, now)
		o.Instances = len(o.Items)
	}
	switch {
	case err != nil && r.Service != "":
		return a.unanswered(ctx, w, qianfan.Query{ServiceID: r.Service}, err)
	case err != nil:
		return w.trouble(ctx, err)
	case r.Service == "" && len(labels) == 0:
		return response{rendering: plain(w.Say("outlook.none.watched", "line", w.dialect().prefix+grammar.Request{Verb: grammar.Watch, Service: "svco-…"}.Line()))}
	}
	s := scribe{notify.Announcement{At: now, Items: o.Items}, w.Book}
	return response{rendering: f.rendering(w.Book, s.outlook(o, r, until), o.Instances)}
}

const (
	usualSpan = 30 * 24 * time.Hour // of what expires, when nobody names a time
	farAhead  = 20 * 365 * 24 * time.Hour
)

// horizon is until when a request looks ahead.
func horizon(r grammar.Request, now time.Time) time.Time {
	switch {
	case r.Verb == grammar.Next:
		return now.Add(farAhead)
	case r.For != 0:
		return now.Add(r.For)
	case !r.Until.IsZero():
		return r.Until
	default:
		return now.Add(usualSpan)
	}
}

// outlook is what expires, as a page whose list has the items of s.
func (s scribe) outlook(o notify.Outlook, r grammar.Request, until time.Time) page {
	p := page{lead: s.outlookLead(o, r, until), notes: s.itemNotes()}
	p.lists = append(p.lists, s.items("", r.Service == ""))
	if len(o.Unread) > 0 {
		s.Troubles = o.Unread
		p.notes = append(p.notes, "⚠️ "+s.Count("digest.unread.count", len(o.Unread)))
		p.lists = append(p.lists, s.troubles(o.Unread)...)
	}
	if o.Unknown > 0 {
		p.notes = append(p.notes, "⚠️ "+s.Count("digest.unknown", o.Unknown))
	}
	if read := s.readNote(); read != "" {
		p.notes = append(p.notes, read)
	}
	return p
}

// readNote says how old what is known of the items is; "" of none.
func (s scribe) readNote() string {
	oldest := oldestRead(s.Items)
	switch age := s.At.Sub(oldest); {
	case oldest.IsZero(), slices.ContainsFunc(s.Items, func(i notify.Item) bool { return i.Stale }): // another note says so
		return ""
	case age < time.Minute:
		return s.Say("outlook.fresh")
	default:
		return s.Say("outlook.read", "ago", s.Ago(age))
	}
}

// nextShown is how many expiries "next" names.
const nextShown = 3

// upcoming are the first few that have not expired yet, all of one moment together.
func upcoming(items []notify.Item, now time.Time) []notify.Item {
	items = slices.DeleteFunc(slices.Clone(items), func(i notify.Item) bool { return !i.Expires.After(now) })
	n := min(nextShown, len(items))
	for n > 0 && n < len(items) && items[n].Expires.Equal(items[n-1].Expires) {
		n++
	}
	return items[:n]
}

func oldestRead(items []notify.Item) (oldest time.Time) {
	for _, i := range items {
		if oldest.IsZero() || i.ReadAt.Before(oldest) {
			oldest = i.ReadAt
		}
	}
	return oldest
}

// outlookLead sums up. What could not be read is never "nothing".
func (s scribe) outlookLead(o notify.Outlook, r grammar.Request, until time.Time) string {
	unsure := len(o.Unread) > 0 || o.Unknown > 0
	when := s.when(until)
	service := ""
	if r.Service != "" {
		service = code(r.Service)
		if len(o.Services) > 0 {
			service = name(o.Services[0].Label, r.Service)
		}
	}
	switch {
	case r.Verb == grammar.Next && len(s.Items) > 0:
		return s.Say("outlook.next")
	case unsure && len(s.Items) == 0:
		return "⚠️ " + s.Say("outlook.unsure", "until", when)
	case r.Verb == grammar.Next:
		return "✅ " + s.Say("outlook.next.none")
	case len(s.Items) == 0 && service != "":
		return "✅ " + s.Say("outlook.nothing.in", "service", service, "until", when)
	case len(s.Items) == 0:
		return "✅ " + s.Say("outlook.nothing", "until", when)
	}
	instances, replicas := "*"+s.Count("count.prepaid", o.Instances)+"*", s.Count("count.replicas", o.Replicas)
	soonest := s.Items[0].Expires
	for _, one := range o.Services { // also of what stands on another page
		if one.Soonest.Before(soonest) {
			soonest = one.Soonest
		}
	}
	icon := urgencyIcon(s.left(soonest)) + " "
	if service != "" {
		return icon + s.Count("outlook.until.in", o.Instances, "instances", instances, "replicas", replicas, "service", service, "until", when)
	}
	return icon + s.Count("outlook.until", o.Instances, "instances", instances, "replicas", replicas, "services", s.Count("count.services", len(o.Services)), "until", when)
}

// expiring is what expires until a moment in everything that is watched, or in
// one service, watched or not, with the names of the watched services. Of its
// items skip are left out, and at most limit follow. An error about one service
// may be Qianfan's.
func (a *answerer) expiring(ctx context.Context, w asking, service string, now, until time.Time, skip, limit int) (notify.Outlook, map[string]string, error) {
	watches, err := a.watches(ctx)
	if err != nil {
		return notify.Outlook{}, nil, err
	}
	labels := make(map[string]string, len(watches))
	for _, watch := range watches {
		labels[watch.Service] = watch.Label
	}
	_, watched := labels[service]
	switch {
	case a.notifier == nil && service == "":
		for _, s := range a.listed {
			labels[s.ID] = s.Label
		}
		return cut(a.fresh(ctx, w, a.listed, now, until), skip, limit), labels, nil
	case !watched && service != "":
		reading, err := a.units.ComputeUnits(ctx, qianfan.Query{ServiceID: service, Timing: qianfan.Prepaid})
		if err != nil {
			return notify.Outlook{}, labels, err
		}
		a.remember(service)
		return cut(gather([]readout{{notify.Service{ID: service}, reading, nil}}, now, until), skip, limit), labels, nil
	case service == "":
		o, err := a.notifier.Expiring(ctx, now, until, skip, limit)
		return o, labels, err
	}
	o, err := a.notifier.Expiring(ctx, now, until, 0, maxSearched)
	return cut(only(o, service), skip, limit), labels, err
}

// cut leaves of the items of an outlook those of a page.
func cut(o notify.Outlook, skip, limit int) notify.Outlook {
	o.Items = o.Items[min(max(skip, 0), len(o.Items)):]
	o.Items = o.Items[:min(len(o.Items), limit)]
	return o
}

// only leaves of an outlook what is of one service.
func only(o notify.Outlook, service string) notify.Outlook {
	o.Items, o.Services, o.Unread = slices.Clone(o.Items), slices.Clone(o.Services), slices.Clone(o.Unread)
	o.Items = slices.DeleteFunc(o.Items, func(i notify.Item) bool { return i.Service != service })
	o.Services = slices.DeleteFunc(o.Services, func(s notify.Summary) bool { return s.Service != service })
	o.Unread = slices.DeleteFunc(o.Unread, func(t notify.Trouble) bool { return t.Service != service })
	o.Instances, o.Replicas, o.Unknown = len(o.Items), 0, 0
	for _, s := range o.Services {
		o.Instances, o.Replicas = s.Instances, s.Replicas
	}
	return o
}

// readout is what Qianfan answered about one service.
type readout struct {
	notify.Service
	reading qianfan.Reading
	err     error
}

// fresh asks Qianfan about services, a few at once.
func (a *answerer) fresh(ctx context.Context, w asking, services []notify.Service, now, until time.Time) notify.Outlook {
	all := make([]readout, len(services))
	places := make(chan struct{}, maxReaders)
	var reading sync.WaitGroup
	for i, s := range services {
		places <- struct{}{}
		reading.Go(func() {
			defer func() { <-places }()
			r, err := a.units.ComputeUnits(ctx, qianfan.Query{ServiceID: s.ID, Timing: qianfan.Prepaid})
			if err != nil {
				w.log.WarnContext(ctx, "could not ask Qianfan", "service", s.ID, "error", err)
			}
			all[i] = readout{s, r, err}
		})
	}
	reading.Wait()
	return gather(all, now, until)
}

// gather makes an outlook of fresh readings. It is a pure function.
func gather(all []readout, now, until time.Time) notify.Outlook {
	var o notify.Outlook
	for _, one := range all {
		if one.err != nil {
			o.Unread = append(o.Unread, troubleOf(one))
			continue
		}
		sum := notify.Summary{Service: one.ID, Label: one.Label}
		for _, in := range one.reading.Instances {
			if in.Timing == qianfan.Postpaid {
				continue
			}
			if in.Expires.IsZero() {
				if in.ExpiresRaw != "" {
					o.Unknown++
				}
				continue
			}
			if in.Expires.After(until) || !in.Expires.Add(retention).After(now) {
				continue
			}
			o.Items = append(o.Items, notify.Item{
				Service: one.ID, Label: one.Label, Instance: in.ID, Replicas: in.Replicas, Status: in.Status,
				Expires: in.Expires.UTC(), ZoneAssumed: in.ExpiresAssumedZone, ReadAt: one.reading.At,
			})
			sum.Instances++
			sum.Replicas += in.Replicas
			if sum.Soonest.IsZero() || in.Expires.Before(sum.Soonest) {
				sum.Soonest = in.Expires
			}
		}
		if sum.Instances > 0 {
			o.Services = append(o.Services, sum)
			o.Instances += sum.Instances
			o.Replicas += sum.Replicas
		}
	}
	slices.SortFunc(o.Items, func(x, y notify.Item) int {
		return cmp.Or(x.Expires.Compare(y.Expires), cmp.Compare(x.Service, y.Service), cmp.Compare(x.Instance, y.Instance))
	})
	return o
}

// troubleOf is why a service could not be read.
func troubleOf(one readout) notify.Trouble {
	t := notify.Trouble{Service: one.ID, Label: one.Label}
	if e, ok := errors.AsType[*qianfan.Error](one.err); ok {
		t.Status, t.Code, t.Message, t.RequestID, t.Refused = e.Status, e.Code, e.Message, e.RequestID, !e.Temporary()
	}
	return t
}
