package bot

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"computeunits/bot/grammar"
	"computeunits/bot/messages"
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
func (a *answerer) outlook(ctx context.Context, w asking, r grammar.Request, now time.Time, f messages.ListPage) response {
	if r.Instance != "" {
		return a.instance(ctx, w, r, now)
	}
	if r.Timing == qianfan.Postpaid {
		return response{Message: messages.Paragraph(w.Book, w.Say("outlook.postpaid"))}
	}
	until, skip, limit := messages.Horizon(r, now), f.Begin, messages.MaxEntries
	if r.Verb == grammar.Next {
		skip, limit = 0, maxSearched
	}
	o, labels, err := a.expiring(ctx, w, r.Service, now, until, skip, limit)
	if err == nil && skip > 0 && len(o.Items) == 0 { // there are fewer by now
		f.Begin = 0
		o, labels, err = a.expiring(ctx, w, r.Service, now, until, 0, limit)
	}
	if r.Verb == grammar.Next {
		f.Begin, o.Items = 0, messages.Upcoming(o.Items, now)
		o.Instances = len(o.Items)
	}
	switch {
	case err != nil && r.Service != "":
		return a.unanswered(ctx, w, qianfan.Query{ServiceID: r.Service}, err)
	case err != nil:
		return w.trouble(ctx, err)
	case r.Service == "" && len(labels) == 0:
		return response{Message: messages.Text(w.Say("outlook.none.watched", "line", w.dialect().Prefix+grammar.Request{Verb: grammar.Watch, Service: "svco-…"}.Line()))}
	}
	s := messages.Words{Announcement: notify.Announcement{At: now, Items: o.Items}, Book: w.Book}
	return response{Message: f.Message(w.Book, s.Outlook(o, r, until), o.Instances)}
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
		return messages.Cut(a.fresh(ctx, w, a.listed, now, until), skip, limit), labels, nil
	case !watched && service != "":
		reading, err := a.units.ComputeUnits(ctx, qianfan.Query{ServiceID: service, Timing: qianfan.Prepaid})
		if err != nil {
			return notify.Outlook{}, labels, err
		}
		a.remember(service)
		return messages.Cut(gather([]readout{{notify.Service{ID: service}, reading, nil}}, now, until), skip, limit), labels, nil
	case service == "":
		o, err := a.notifier.Expiring(ctx, now, until, skip, limit)
		return o, labels, err
	}
	o, err := a.notifier.Expiring(ctx, now, until, 0, maxSearched)
	return messages.Cut(messages.OfService(o, service), skip, limit), labels, err
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
			defer func() {
				if v := recover(); v != nil {
					a.guard.note(ctx, "asking about a service", v, "service", s.ID)
					all[i] = readout{s, qianfan.Reading{}, errors.New("asking ended in a panic")}
				}
			}()
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
				if in.ExpiresRaw != "" || in.Status != qianfan.Creating && in.Status != qianfan.Deleted {
					o.Unknown = append(o.Unknown, notify.Item{Service: one.ID, Label: one.Label, Instance: in.ID, Replicas: in.Replicas, Status: in.Status, Raw: in.ExpiresRaw})
				}
				continue
			}
			if in.Expires.After(until) || !in.Expires.Add(messages.Retention).After(now) {
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
