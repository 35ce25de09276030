package bot

import (
	"context"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/action"
	"computeunits/bot/blocks"
	"computeunits/bot/grammar"
	"computeunits/bot/interaction"
	"computeunits/bot/messages"
	"computeunits/bot/reply"
)

// folioOf is the first page for what somebody wrote.
func folioOf(w asking, r grammar.Request) messages.ListPage {
	return messages.ListPage{Line: r.Line(), Private: w.Origin == interaction.ByCommand && !w.Direct}
}

// list answers with a page of a list.
func (a *answerer) list(ctx context.Context, w asking, r grammar.Request, now time.Time, f messages.ListPage) reply.Reply {
	if r.Verb == grammar.Services {
		return a.services(ctx, w, now, f)
	}
	return a.outlook(ctx, w, r, now, f)
}

// leaf answers anew in the place of a page: as of now, or another page.
func (a *answerer) leaf(ctx context.Context, w asking, d action.Action, private bool) reply.Reply {
	if refused, ok := a.mayAsk(w); !ok {
		return refused
	}
	now := a.now()
	r, said, ok := a.requested(ctx, w, d, now)
	if !ok {
		return said
	}
	w, by := a.changing(w, private)
	said = a.list(ctx, w, r, now, messages.ListPage{Line: d.Line, Begin: d.Skip, Private: private})
	said.Replace = !said.Private
	if said.Replace {
		said.Blocks = append(said.Blocks, by...)
	}
	return said
}

// requested reads the request that a button carries, or says why that is none: its
// time may have passed.
func (a *answerer) requested(ctx context.Context, w asking, d action.Action, now time.Time) (r grammar.Request, said reply.Reply, ok bool) {
	r, bad := grammar.Parse(blocks.Escape(d.Line), grammar.Context{Now: now, Zone: w.zone})
	switch {
	case bad != nil:
		return r, reply.Reply{Message: messages.Misunderstood(w.dialect(), bad), Private: true}, false
	case r.Verb.Changes():
		return r, strange(ctx, w), false
	}
	return r, reply.Reply{}, true
}

// changing is the asking of who changes a message in its place, and what is said
// of them where others see it, in the language of those.
func (a *answerer) changing(w asking, private bool) (asking, []slack.Block) {
	if private || w.Direct {
		return w, nil
	}
	w = a.aloud(w)
	return w, []slack.Block{blocks.Context(w.Say("share.shown", "who", blocks.Mention(w.User)))}
}
