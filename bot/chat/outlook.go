package chat

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"computeunits/bot/grammar"
	"computeunits/bot/messages"
	"computeunits/bot/people"
	"computeunits/bot/reply"
	"computeunits/notify/database"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// outlook says what expires until some moment, or next, in everything that is
// watched or in one service: by the last good reads, or, where there are none,
// by what Qianfan says now.
func (a lister) outlook(ctx context.Context, w Turn, r grammar.Request, now time.Time, f messages.ListPage) reply.Reply {
	if r.Instance != "" {
		return a.instance(ctx, w, r, now)
	}
	if r.Timing == qianfan.Postpaid {
		return reply.Reply{Message: messages.Paragraph(w.Book, w.Say("outlook.postpaid"))}
	}
	until, skip, limit := messages.Horizon(r, now), f.Begin, messages.MaxEntries
	if r.Verb == grammar.Next {
		skip, limit = 0, MaxSearched
	}
	k, err := a.expiring(ctx, w, r.Service, now, until, skip, limit)
	if err == nil && skip > 0 && len(k.Outlook.Items) == 0 { // there are fewer by now
		f.Begin = 0
		k, err = a.expiring(ctx, w, r.Service, now, until, 0, limit)
	}
	o := k.Outlook
	if r.Verb == grammar.Next {
		f.Begin, o.Items = 0, messages.Upcoming(o.Items, now)
		o.Instances = len(o.Items)
	}
	unasked, isUnasked := errors.AsType[*unaskedError](err)
	switch {
	case isUnasked:
		return asker(a).unanswered(ctx, w, qianfan.Query{ServiceID: r.Service}, unasked.err)
	case err != nil:
		return w.Trouble(ctx, err)
	case r.Service == "" && len(k.Watches) == 0:
		return reply.Reply{Message: messages.Text(w.Say("outlook.none.watched", "line", w.dialect().Prefix+grammar.Request{Verb: grammar.Watch, Service: "svco-…"}.Line()))}
	}
	s := messages.Words{Announcement: plan.Announcement{At: now, Items: o.Items}, Book: w.Book}
	p := s.Outlook(o, r, until)
	if k.away {
		p.Note("⚠️ " + w.Say("outlook.ledger"))
	}
	return reply.Reply{Message: f.Message(w.Book, p, o.Instances)}
}

// unaskedError is that Qianfan did not tell what a service has.
type unaskedError struct{ err error }

// Error says what was not answered.
func (e *unaskedError) Error() string { return "asking Qianfan: " + e.err.Error() }

// Unwrap returns why.
func (e *unaskedError) Unwrap() error { return e.err }

// knowledge is what an answer is made of.
type knowledge struct {
	plan.Overview
	// away says that the ledger does not answer: what was watched is from memory,
	// what expires from Qianfan, and of what people answered nothing is known.
	away bool
}

// expiring is what expires until a moment in everything that is watched, or in
// one service, watched or not, with all that is watched. Of its items skip are
// left out, and at most limit follow. When the ledger does not answer, Qianfan
// is asked. The error is an *unaskedError when that did not tell about the one
// service.
func (a lister) expiring(ctx context.Context, w Turn, service string, now, until time.Time, skip, limit int) (knowledge, error) {
	var k knowledge
	if a.Notifier == nil {
		for _, s := range a.Listed {
			k.Watches = append(k.Watches, plan.Watch{Service: s.ID, Label: s.Label, Fixed: true})
		}
	} else if err := a.recorded(ctx, w, &k, service, now, until, skip, limit); err != nil {
		return k, err
	}
	at := slices.IndexFunc(k.Watches, func(one plan.Watch) bool { return one.Service == service })
	switch {
	case service == "" && (a.Notifier == nil || k.away):
		k.Outlook = messages.Cut(a.fresh(ctx, w, k.Watches, now, until), skip, limit)
		k.Outlook.Partial = k.away
	case service != "" && (at < 0 || a.Notifier == nil || k.away):
		reading, err := a.Units.ComputeUnits(ctx, qianfan.Query{ServiceID: service, Timing: qianfan.Prepaid})
		if err != nil {
			return k, &unaskedError{err}
		}
		a.remember(service)
		s := plan.Service{ID: service}
		if at >= 0 && k.away {
			s.Label = k.Watches[at].Label
		}
		k.Outlook = messages.Cut(gather([]serviceReading{{s, reading, nil}}, now, until), skip, limit)
	case service != "":
		k.Outlook = messages.Cut(messages.OfService(k.Outlook, service), skip, limit)
	}
	if k.away || a.Notifier == nil {
		k.Health = messages.HealthOf(k.Watches, k.Outlook, now)
	}
	return k, nil
}

// recorded reads what the ledger knows, for as long as an answer can wait for it.
func (a lister) recorded(ctx context.Context, w Turn, k *knowledge, service string, now, until time.Time, skip, limit int) (err error) {
	ctx, cancel := a.Notifier.Ledger.Within(ctx, people.WantTimeout)
	defer cancel()
	if service != "" {
		skip, limit = 0, MaxSearched
	}
	if k.Overview, err = a.Notifier.Reports().Overview(ctx, now, until, skip, limit); err == nil || !database.Unavailable(err) {
		return err
	}
	w.Log.WarnContext(ctx, "the ledger does not answer; Qianfan is asked instead", "error", err)
	if k.Watches, k.away = a.Notifier.Reports().Remembered(), true; len(k.Watches) == 0 && service == "" {
		return err // nobody knows whom to ask about
	}
	return nil
}

// serviceReading is what Qianfan answered about one service.
type serviceReading struct {
	plan.Service
	reading qianfan.Reading
	err     error
}

// fresh asks Qianfan about services, a few at once.
func (a lister) fresh(ctx context.Context, w Turn, watches []plan.Watch, now, until time.Time) plan.Outlook {
	all := make([]serviceReading, len(watches))
	places := make(chan struct{}, maxReaders)
	var reading sync.WaitGroup
	for i, watch := range watches {
		s := plan.Service{ID: watch.Service, Label: watch.Label}
		places <- struct{}{}
		reading.Go(func() {
			defer func() { <-places }()
			defer func() {
				if v := recover(); v != nil {
					a.Guard.Note(ctx, "asking about a service", v, "service", s.ID)
					all[i] = serviceReading{s, qianfan.Reading{}, errors.New("asking ended in a panic")}
				}
			}()
			r, err := a.Units.ComputeUnits(ctx, qianfan.Query{ServiceID: s.ID, Timing: qianfan.Prepaid})
			if err != nil {
				w.Log.WarnContext(ctx, "could not ask Qianfan", "service", s.ID, "error", err)
			}
			all[i] = serviceReading{s, r, err}
		})
	}
	reading.Wait()
	return gather(all, now, until)
}

// gather makes an outlook of fresh readings. It is a pure function.
func gather(all []serviceReading, now, until time.Time) plan.Outlook {
	var o plan.Outlook
	for _, one := range all {
		if one.err != nil {
			o.Unread = append(o.Unread, troubleOf(one))
			continue
		}
		sum := plan.Summary{Service: one.ID, Label: one.Label}
		for _, in := range one.reading.Instances {
			if in.Timing == qianfan.Postpaid {
				continue
			}
			if in.Expires.IsZero() {
				if in.ExpiresRaw != "" || in.Status != qianfan.Creating && in.Status != qianfan.Deleted {
					o.Unknown = append(o.Unknown, plan.Item{Service: one.ID, Label: one.Label, Instance: in.ID, Replicas: in.Replicas, Status: in.Status, Raw: in.ExpiresRaw})
				}
				continue
			}
			if in.Expires.After(until) || !in.Expires.Add(messages.Retention).After(now) {
				continue
			}
			o.Items = append(o.Items, plan.Item{
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
	slices.SortFunc(o.Items, func(x, y plan.Item) int {
		return cmp.Or(x.Expires.Compare(y.Expires), cmp.Compare(x.Service, y.Service), cmp.Compare(x.Instance, y.Instance))
	})
	return o
}

// troubleOf is why a service could not be read.
func troubleOf(one serviceReading) plan.Trouble {
	t := plan.Trouble{Service: one.ID, Label: one.Label}
	if e, ok := errors.AsType[*qianfan.Error](one.err); ok {
		t.Status, t.Code, t.Message, t.RequestID, t.Refused = e.Status, e.Code, e.Message, e.RequestID, !e.Temporary()
	}
	return t
}
