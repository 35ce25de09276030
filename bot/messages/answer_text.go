package messages

import (
	"encoding/json"
	"strings"
	"time"

	"computeunits/bot/blocks"
	"computeunits/qianfan"
)

// Plain writes the complete answer in plain words, for a terminal: the same
// facts in the same order as in Slack, times in zone.
func (a Answer) Plain(zone *time.Location) string {
	d := blocks.ForTerminal(zone)
	return a.plain(d, 1<<30, func(i int) instanceText { return a.tell(a.Instances[i], d) })
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
	list := make([]instance, len(a.Instances))
	for i, in := range a.Instances {
		list[i] = instance{in.ID, in.Timing, in.Replicas, in.Status, in.Start, in.Expires, in.ExpiresRaw, in.ExpiresAssumedZone, expired(in, a.at)}
	}
	return json.Marshal(struct {
		Service   string     `json:"serviceId"`
		At        time.Time  `json:"asOf"`
		RequestID string     `json:"requestId,omitempty"`
		Instances []instance `json:"instances"`
	}{a.Service, a.at, a.requestID, list})
}

// MaxText bounds the top-level text of every message, in bytes as they are sent,
// after escaping: what can be posted must be possible to edit, and chat.update
// refuses more. The blocks carry more.
const MaxText = 4000

// plain writes one line about the whole, and one for each instance, whose words
// tell finds. Lines that would not fit into limit bytes are counted instead
// of shown. In Slack it is the text for notifications, screen readers and
// clients without blocks: mrkdwn, so that dates become local.
func (a Answer) plain(d blocks.Dialect, limit int, tell func(i int) instanceText) string {
	if len(a.Instances) == 0 {
		return d.Say("ask.lead.none", "none", d.Foreign(a.None(d)), "when", d.When(a.at), "id", a.request(d))
	}
	var b strings.Builder
	b.WriteString(d.Say("ask.lead", "service", a.Service, "instances", a.counted(d),
		"replicas", d.Count("count.replicas", a.replicas()), "when", d.When(a.at), "id", a.request(d)))
	const reserve = 60 // for the line that counts the rest
	room := limit - blocks.Size(b.String()) - reserve
	for i, in := range a.Instances {
		line := "\n• " + a.line(in, tell(i), d)
		if room -= blocks.Size(line); room < 0 {
			b.WriteString("\n" + d.Count("list.rest", len(a.Instances)-i))
			break
		}
		b.WriteString(line)
	}
	return b.String()
}

// line is one instance: "a0085162xxx9d19e58e: Running, Prepaid, 5 replicas, …".
func (a Answer) line(in qianfan.Instance, t instanceText, d blocks.Dialect) string {
	since, expires := d.Say("ask.since", "when", t.starts), ""
	if t.over {
		expires = d.Say("ask.expired", "when", t.expiry)
	} else {
		expires = d.Say("ask.expires", "when", t.expiry)
	}
	parts := make([]string, 0, 7)
	parts = append(parts, t.status, t.payment, t.replicas, since, expires)
	if t.left != "" {
		parts = append(parts, t.left)
	}
	if t.restorable != "" {
		parts = append(parts, t.restorable)
	}
	return d.Say("item.at", "what", d.Foreign(blocks.Printable(in.ID, blocks.MaxQuoted)), "when", strings.Join(parts, d.Say("list.comma")))
}

// request is the id to quote to Baidu's support.
func (a Answer) request(d blocks.Dialect) string {
	if a.requestID == "" {
		return d.Say("ask.noid")
	}
	return d.Foreign(blocks.Printable(a.requestID, blocks.MaxQuoted))
}
