package messages

import (
	"cmp"
	"slices"
	"time"

	"computeunits/bot/blocks"
	"computeunits/qianfan"
)

// Retention is how long Baidu usually keeps an expired resource restorable by
// renewal (cloud.baidu.com/doc/Finance/s/gjwvysrlu, a general page).
const Retention = 7 * 24 * time.Hour

// An Answer is what Qianfan said to a question, put in the order people want
// to read it. It is plain data: blocks.go and table.go draw it for Slack,
// plain.go writes it in words and as JSON.
type Answer struct {
	Service   string
	timing    qianfan.PaymentTiming
	requestID string
	at        time.Time // when Qianfan answered; every "n days left" counts from here
	Instances []qianfan.Instance
}

// NewAnswer sorts a reading: the soonest expiry first, then what runs with an
// unknown expiry, then what is still being created, and what has expired last,
// the most recent (which can perhaps be restored) first.
func NewAnswer(q qianfan.Query, r qianfan.Reading) Answer {
	a := Answer{Service: q.ServiceID, timing: q.Timing, requestID: r.RequestID, at: r.At, Instances: slices.Clone(r.Instances)}
	slices.SortStableFunc(a.Instances, func(x, y qianfan.Instance) int {
		return cmp.Or(
			cmp.Compare(rank(x, a.at), rank(y, a.at)),
			cmp.Compare(nearness(x, a.at), nearness(y, a.at)),
			cmp.Compare(x.ID, y.ID))
	})
	return a
}

func rank(in qianfan.Instance, now time.Time) int {
	switch {
	case expired(in, now):
		return 3
	case in.Status == qianfan.Creating:
		return 2
	case in.Expires.IsZero():
		return 1
	default:
		return 0
	}
}

// nearness is how far an expiry lies from now, in either direction.
func nearness(in qianfan.Instance, now time.Time) time.Duration {
	if in.Expires.IsZero() {
		return 0
	}
	return in.Expires.Sub(now).Abs()
}

// expired reports whether in has run out, by its own word or by the clock.
func expired(in qianfan.Instance, now time.Time) bool {
	return in.Status == qianfan.Deleted || !in.Expires.IsZero() && !in.Expires.After(now)
}

// replicas adds up what the listed instances serve with.
func (a Answer) replicas() int {
	sum := 0
	for _, in := range a.Instances {
		sum += in.Replicas
	}
	return sum
}

// counted says how many instances of the kind asked for there are.
func (a Answer) counted(d blocks.Dialect) string {
	switch n := len(a.Instances); a.timing {
	case qianfan.Prepaid:
		return d.Count("count.prepaid", n)
	case qianfan.Postpaid:
		return d.Count("count.postpaid", n)
	default:
		return d.Count("count.instances", n)
	}
}

// None is the answer's sentence when Qianfan lists nothing, and what it means.
// It is plain text.
func (a Answer) None(d blocks.Dialect) string {
	line := d.Prefix + a.Service
	switch a.timing {
	case qianfan.Prepaid:
		return d.Say("ask.none.prepaid", "service", a.Service, "line", line)
	case qianfan.Postpaid:
		return d.Say("ask.none.postpaid", "service", a.Service, "line", line)
	default:
		return d.Say("ask.none", "service", a.Service)
	}
}

// told is one instance in words. Left and restorable may be "".
type instanceText struct {
	status, payment, replicas, starts, expiry, left, restorable string
	over                                                        bool // it ran out at the moment that expiry names
}

// tell finds the words for an instance.
func (a Answer) tell(in qianfan.Instance, d blocks.Dialect) instanceText {
	return instanceText{
		status: status(in, a.at, d), payment: payment(in, d), replicas: d.Count("count.replicas", in.Replicas),
		starts: starts(in, d), expiry: expiry(in, d),
		left: left(in, a.at, d), restorable: restorable(in, a.at, d),
		over: expired(in, a.at) && !in.Expires.After(a.at),
	}
}

// status names an instance's state with an icon, for the eye, and the word.
func status(in qianfan.Instance, now time.Time, d blocks.Dialect) string {
	switch in.Status {
	case qianfan.Running:
		return "🟢 " + d.Say("status.running")
	case qianfan.Creating:
		return "⏳ " + d.Say("status.creating")
	case qianfan.Deleted:
		if in.Expires.After(now) {
			return "⛔ " + d.Say("status.deleted")
		}
		return "⛔ " + d.Say("status.expired")
	case "":
		return "❔ " + d.Say("status.unknown")
	default:
		return "❔ " + d.Foreign(blocks.Printable(string(in.Status), 30))
	}
}

// payment names an instance's payment timing.
func payment(in qianfan.Instance, d blocks.Dialect) string {
	switch in.Timing {
	case qianfan.Prepaid:
		return d.Say("timing.prepaid")
	case qianfan.Postpaid:
		return d.Say("timing.postpaid")
	default:
		return cmp.Or(d.Foreign(blocks.Printable(string(in.Timing), 30)), d.Say("fact.unknown"))
	}
}

// starts writes the moment an instance began to serve.
func starts(in qianfan.Instance, d blocks.Dialect) string {
	if !in.Start.IsZero() {
		return d.When(in.Start)
	}
	if in.Status == qianfan.Creating {
		return d.Say("fact.notyet")
	}
	return d.Say("fact.unknown")
}

// expiry writes the moment an instance runs out. What Qianfan did not say, or
// said unreadably, is unknown and never "no expiry".
func expiry(in qianfan.Instance, d blocks.Dialect) string {
	switch {
	case !in.Expires.IsZero() && in.ExpiresAssumedZone:
		return d.Say("fact.zone", "when", d.When(in.Expires))
	case !in.Expires.IsZero():
		return d.When(in.Expires)
	case in.ExpiresRaw != "":
		return d.Say("fact.unread", "text", d.Foreign(blocks.Quote(in.ExpiresRaw)))
	case in.Timing == qianfan.Postpaid: // paid as it is used
		return d.Say("fact.never")
	case in.Status == qianfan.Creating:
		return d.Say("fact.notyet")
	default:
		return d.Say("fact.unknown")
	}
}

// left says how long an instance still serves, or since when it does not, with
// the colour that its urgency has beside the words. It is "" when nothing is known.
func left(in qianfan.Instance, now time.Time, d blocks.Dialect) string {
	span := in.Expires.Sub(now)
	switch {
	case in.Status == qianfan.Deleted && span > 0:
		return "🔴 " + d.Say("item.deleted")
	case in.Status == qianfan.Deleted && in.Expires.IsZero():
		return "🔴 " + d.Say("fact.expired")
	case in.Expires.IsZero():
		return ""
	case span > 7*24*time.Hour:
		return "🟢 " + d.Left(roundUp(span))
	case span > 24*time.Hour:
		return "🟡 " + d.Left(roundUp(span))
	case span > 0:
		return "🔴 " + d.Left(roundUp(span))
	default:
		return "🔴 " + d.Say("item.expired", "ago", d.Ago(span))
	}
}

// restorable says until when an expired instance can usually be renewed, or "".
func restorable(in qianfan.Instance, now time.Time, d blocks.Dialect) string {
	until := in.Expires.Add(Retention)
	if in.Expires.IsZero() || !expired(in, now) || in.Expires.After(now) || !until.After(now) {
		return ""
	}
	return d.Say("item.restorable", "until", d.When(until))
}
