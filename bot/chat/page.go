package chat

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

// listPageOf is the first page for what somebody wrote.
func listPageOf(w Turn, r grammar.Request) messages.ListPage {
	return messages.ListPage{Line: r.Line(), Private: w.Origin == interaction.ByCommand && !w.Direct}
}

// list answers with a page of a list.
func (a lister) list(ctx context.Context, w Turn, r grammar.Request, now time.Time, f messages.ListPage) reply.Reply {
	if r.Verb == grammar.Services {
		return a.services(ctx, w, now, f)
	}
	return a.outlook(ctx, w, r, now, f)
}

// turnPage answers anew in the place of a page: as of now, or another page.
func (a lister) turnPage(ctx context.Context, w Turn, d action.Action, private bool) reply.Reply {
	if refused, ok := a.MayAsk(w); !ok {
		return refused
	}
	now := a.Now()
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
func (a lister) requested(ctx context.Context, w Turn, d action.Action, now time.Time) (r grammar.Request, said reply.Reply, ok bool) {
	r, bad := grammar.Parse(blocks.Escape(d.Line), grammar.Context{Now: now, Zone: w.Zone})
	switch {
	case bad != nil:
		return r, reply.Reply{Message: messages.Misunderstood(w.dialect(), bad), Private: true}, false
	case r.Verb.Changes():
		return r, UnknownAction(ctx, w), false
	}
	return r, reply.Reply{}, true
}

// changing is the Turn of who changes a message in its place, and what is said
// of them where others see it, in the language of those.
func (a lister) changing(w Turn, private bool) (Turn, []slack.Block) {
	if private || w.Direct {
		return w, nil
	}
	w = a.forChannel(w)
	return w, []slack.Block{blocks.Context(w.Say("share.shown", "who", blocks.Mention(w.User)))}
}
