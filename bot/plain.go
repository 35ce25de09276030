package bot

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"computeunits/qianfan"
)

// Plain writes the complete answer in plain words, for a terminal: the same
// facts in the same order as in Slack, times in zone.
func (a Answer) Plain(zone *time.Location) string {
	return a.plain(terminal(zone), 1<<30)
}

// MarshalJSON writes the answer for programs. Times are RFC 3339 in UTC; what
// is not known is absent.
func (a Answer) MarshalJSON() ([]byte, error) {
	type instance struct {
		ID            string                `json:"instanceId"`
		Timing        qianfan.PaymentTiming `json:"paymentTiming,omitempty"`
		Replicas      int                   `json:"replicasCount"`
		Status        qianfan.Status        `json:"status,omitempty"`
		Start         time.Time             `json:"startTime,omitzero"`
		Expires       time.Time             `json:"expiredTime,omitzero"`
		ExpiresRaw    string                `json:"expiredTimeUnread,omitempty"` // as Qianfan wrote it, when it could not be read
		ZoneIsAssumed bool                  `json:"zoneAssumed,omitempty"`
		Expired       bool                  `json:"expired"`
	}
	list := make([]instance, len(a.instances))
	for i, in := range a.instances {
		list[i] = instance{in.ID, in.Timing, in.Replicas, in.Status, in.Start, in.Expires, in.ExpiresRaw, in.ExpiresAssumedZone, expired(in, a.at)}
	}
	return json.Marshal(struct {
		Service   string     `json:"serviceId"`
		At        time.Time  `json:"asOf"`
		RequestID string     `json:"requestId,omitempty"`
		Instances []instance `json:"instances"`
	}{a.service, a.at, a.requestID, list})
}

// maxText keeps the top-level text of a message within what Slack recommends,
// in characters; the blocks carry more.
// https://docs.slack.dev/reference/methods/chat.postMessage#truncating
const maxText = 4000

// text is the answer for notifications, screen readers and clients without
// blocks. It is mrkdwn, so that dates become local; foreign text is escaped.
func (a Answer) text() string { return a.plain(mrkdwn, maxText) }

// plain writes one line about the whole, and one for each instance. Lines that
// would not fit into limit characters are counted instead of shown.
func (a Answer) plain(d dialect, limit int) string {
	var b strings.Builder
	if len(a.instances) == 0 {
		fmt.Fprintf(&b, "%s As of %s (request %s).", a.none(), d.when(a.at), a.request(d))
		return b.String()
	}
	fmt.Fprintf(&b, "%s: %s, %s. As of %s (request %s).", a.service, count(len(a.instances), a.kind()), count(a.replicas(), "replica"), d.when(a.at), a.request(d))
	const reserve = 40 // for the line that counts the rest
	room := limit - runes(b.String()) - reserve
	for i, in := range a.instances {
		line := "\n• " + a.line(in, d)
		if room -= runes(line); room < 0 {
			fmt.Fprintf(&b, "\n… and %d more, not listed here.", len(a.instances)-i)
			break
		}
		b.WriteString(line)
	}
	return b.String()
}

// line is one instance: "a0085162xxx9d19e58e: Running, Prepaid, 5 replicas, …".
func (a Answer) line(in qianfan.Instance, d dialect) string {
	verb := "expires"
	if expired(in, a.at) && !in.Expires.After(a.at) {
		verb = "expired"
	}
	parts := []string{
		status(in, d), payment(in, d), count(in.Replicas, "replica"),
		"since " + starts(in, d), verb + " " + expiry(in, d),
	}
	if l := left(in, a.at); l != "" {
		parts = append(parts, l)
	}
	if r := restorable(in, a.at, d); r != "" {
		parts = append(parts, r)
	}
	return d.foreign(printable(in.ID, maxQuoted)) + ": " + strings.Join(parts, ", ")
}

// request is the id to quote to Baidu's support.
func (a Answer) request(d dialect) string {
	if a.requestID == "" {
		return "without id"
	}
	return d.foreign(printable(a.requestID, maxQuoted))
}

func runes(s string) int { return len([]rune(s)) }
