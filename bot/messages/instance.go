package messages

import (
	"strings"

	"computeunits/bot/blocks"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// InstanceLine is one instance in a line.
func InstanceLine(a Answer, in qianfan.Instance, d blocks.Dialect) string {
	t := a.tell(in, d)
	parts := []string{t.status + " " + blocks.Code(in.ID), t.payment, "*" + t.replicas + "*"}
	if in.Timing != qianfan.Postpaid {
		parts = append(parts, d.Say("field.expires")+": "+t.expiry)
	}
	for _, more := range []string{t.left, t.restorable} {
		if more != "" {
			parts = append(parts, more)
		}
	}
	return strings.Join(parts, " · ")
}

// Instance is what is known of an instance, as a page. What could not be read is
// never "there is no such instance". unknown are those of the id whose expiry
// nobody knows.
func (s Words) Instance(id string, unknown []plan.Item) Layout {
	if len(s.Items) == 0 && len(unknown) > 0 {
		return Layout{Lead: s.Say("instance.lead", "instance", blocks.Code(id)), Lists: []List{s.UnknownList("", unknown)}}
	}
	if len(s.Items) > 0 {
		p := Layout{Lead: s.Say("instance.lead", "instance", blocks.Code(id)), Lists: []List{s.ItemList("", true)}, notes: itemWords{s}.itemNotes()}
		if read := (listWords{s}).readNote(); read != "" {
			p.notes = append(p.notes, read)
		}
		return p
	}
	p := Layout{Lead: s.Say("instance.unknown", "instance", blocks.Code(id))}
	if len(s.Troubles) > 0 {
		p.Lead = "⚠️ " + p.Lead
		p.notes = append(p.notes, s.Count("digest.unread.count", len(s.Troubles)))
		p.Lists = append(p.Lists, s.TroubleList(s.Troubles)...)
	}
	return p
}
