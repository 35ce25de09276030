package bot

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"computeunits/qianfan"
)

// retention is how long Baidu usually keeps an expired resource restorable by
// renewal (cloud.baidu.com/doc/Finance/s/gjwvysrlu, a general page).
const retention = 7 * 24 * time.Hour

// An Answer is what Qianfan said to a question, put in the order people want
// to read it. It is plain data: blocks.go and table.go draw it for Slack,
// plain.go writes it in words and as JSON.
type Answer struct {
	service   string
	timing    qianfan.PaymentTiming
	requestID string
	at        time.Time // when Qianfan answered; every "n days left" counts from here
	instances []qianfan.Instance
}

// NewAnswer sorts a reading: the soonest expiry first, then what runs with an
// unknown expiry, then what is still being created, and what has expired last,
// the most recent (which can perhaps be restored) first.
func NewAnswer(q qianfan.Query, r qianfan.Reading) Answer {
	a := Answer{service: q.ServiceID, timing: q.Timing, requestID: r.RequestID, at: r.At, instances: slices.Clone(r.Instances)}
	slices.SortStableFunc(a.instances, func(x, y qianfan.Instance) int {
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
	for _, in := range a.instances {
		sum += in.Replicas
	}
	return sum
}

// kind names the instances asked for: "prepaid instance", "instance".
func (a Answer) kind() string {
	if a.timing == "" {
		return "instance"
	}
	return strings.ToLower(string(a.timing)) + " instance"
}

// none is the answer's sentence when Qianfan lists nothing, and what it means.
func (a Answer) none() string {
	s := fmt.Sprintf("Qianfan lists no %ss for %s.", a.kind(), a.service)
	if a.timing != "" {
		return s + " Either none was bought for this service, or they ran out and were cleared away. To see every kind, type " + commandFor(qianfan.Query{ServiceID: a.service})
	}
	return s + " Either the service runs without compute units of its own, or they ran out and were cleared away."
}

// status names an instance's state with an icon, for the eye, and the word.
func status(in qianfan.Instance, d dialect) string {
	switch in.Status {
	case qianfan.Running:
		return "🟢 Running"
	case qianfan.Creating:
		return "⏳ Creating"
	case qianfan.Deleted:
		return "⛔ Expired"
	case "":
		return "❔ Unknown"
	default:
		return "❔ " + d.foreign(printable(string(in.Status), 30))
	}
}

// payment names an instance's payment timing.
func payment(in qianfan.Instance, d dialect) string {
	return cmp.Or(d.foreign(printable(string(in.Timing), 30)), "unknown")
}

// starts writes the moment an instance began to serve.
func starts(in qianfan.Instance, d dialect) string {
	if !in.Start.IsZero() {
		return d.when(in.Start)
	}
	if in.Status == qianfan.Creating {
		return "not yet"
	}
	return "unknown"
}

// expiry writes the moment an instance runs out. What Qianfan did not say, or
// said unreadably, is unknown and never "no expiry".
func expiry(in qianfan.Instance, d dialect) string {
	switch {
	case !in.Expires.IsZero() && in.ExpiresAssumedZone:
		return d.when(in.Expires) + " (Qianfan named no time zone; Beijing time assumed)"
	case !in.Expires.IsZero():
		return d.when(in.Expires)
	case in.ExpiresRaw != "":
		return "unknown: Qianfan wrote " + d.foreign(quote(in.ExpiresRaw))
	case in.Status == qianfan.Creating:
		return "not yet"
	default:
		return "unknown"
	}
}

// left says how long an instance still serves, or since when it does not, with
// the colour that its urgency has beside the words. It is "" when nothing is known.
func left(in qianfan.Instance, now time.Time) string {
	d := in.Expires.Sub(now)
	switch {
	case in.Status == qianfan.Deleted && (in.Expires.IsZero() || d > 0):
		return "🔴 expired"
	case in.Expires.IsZero():
		return ""
	case d > 7*24*time.Hour:
		return "🟢 " + span(d) + " left"
	case d > 24*time.Hour:
		return "🟡 " + span(d) + " left"
	case d > 0:
		return "🔴 " + span(d) + " left"
	default:
		return "🔴 expired " + span(d) + " ago"
	}
}

// restorable says until when an expired instance can usually be renewed, or "".
func restorable(in qianfan.Instance, now time.Time, d dialect) string {
	until := in.Expires.Add(retention)
	if in.Expires.IsZero() || !expired(in, now) || in.Expires.After(now) || !until.After(now) {
		return ""
	}
	return "usually restorable by renewal until " + d.when(until)
}
