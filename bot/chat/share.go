package chat

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/action"
	"computeunits/bot/blocks"
	"computeunits/bot/messages"
	"computeunits/bot/people"
	"computeunits/bot/reply"
	"computeunits/bot/slackapi"
)

// share posts an answer to the channel, and says so in the one that only the
// person sees. A double click posts once, in every copy of the bot.
func (a sharer) share(ctx context.Context, w Turn, d action.Action) reply.Reply {
	key := strings.Join([]string{"share", w.Channel, w.User, w.TS, d.Encode()}, "/")
	if !a.claim(ctx, w, key) {
		return privately(w.Say("share.already"))
	}
	public, own, said, ok := a.publicAndOwn(ctx, w, d)
	if !ok {
		a.unclaim(ctx, w, key)
		return said
	}
	stranger, err := a.publish(ctx, w, public)
	switch {
	case err == nil && stranger:
		return own("✅ " + w.Say("share.stranger"))
	case err == nil:
		return own("✅ " + w.Say("share.done"))
	}
	w.Log.WarnContext(ctx, "could not post an answer to the channel", "error", err)
	a.unclaim(ctx, w, key)
	switch {
	case reply.InDoubt(err): // only the person can see whether it stands there
		return privately(w.Say("share.doubt", "id", w.ID))
	case noMember(err):
		return privately(w.Say("share.failed", "id", w.ID))
	default:
		return privately(w.Say("share.broken", "id", w.ID))
	}
}

// publicAndOwn makes of an answer what is posted, in the language of the channel, and
// what the person reads then, with a sentence about it.
func (a sharer) publicAndOwn(ctx context.Context, w Turn, d action.Action) (public messages.Message, own func(posted string) reply.Reply, said reply.Reply, ok bool) {
	if d.Line != "" {
		return a.publicAndOwnList(ctx, w, d)
	}
	s, said, ok := asker(a).reread(ctx, w, d, false)
	if !ok {
		return public, nil, said, false
	}
	page := s.Answer
	begin := s.First(s.Skip)
	page.Instances = s.Instances[begin:min(begin+s.PerPage(), len(s.Instances))]
	own = func(posted string) reply.Reply {
		s.Private, s.Posted = true, posted
		return reply.Reply{Message: s.Message(w.dialect()), Replace: true}
	}
	return page.Message(a.forChannel(w).dialect()), own, said, true
}

func (a sharer) publicAndOwnList(ctx context.Context, w Turn, d action.Action) (public messages.Message, own func(posted string) reply.Reply, said reply.Reply, ok bool) {
	if refused, ok := a.MayAsk(w); !ok {
		return public, nil, refused, false
	}
	now := a.Now()
	r, said, ok := lister(a).requested(ctx, w, d, now)
	if !ok {
		return public, nil, said, false
	}
	said = lister(a).list(ctx, a.forChannel(w), r, now, messages.ListPage{Line: d.Line, Begin: d.Skip, Bare: true})
	if said.Private {
		return public, nil, said, false
	}
	own = func(posted string) reply.Reply {
		mine := lister(a).list(ctx, w, r, now, messages.ListPage{Line: d.Line, Begin: d.Skip, Private: true, Posted: posted})
		mine.Replace = !mine.Private
		return mine
	}
	return said.Message, own, said, true
}

// publish posts an answer where everybody in the channel sees it: as a message of
// the bot, or, where it is no member, by the response_url: then it is a stranger
// there.
func (a sharer) publish(ctx context.Context, w Turn, r messages.Message) (stranger bool, err error) {
	by := a.forChannel(w).Say("share.by", "who", blocks.Mention(w.User))
	r.Text = by + "\n" + r.Text
	r.Blocks = append(r.Blocks, blocks.Context(by))
	_, err = a.Replier.Post(ctx, w.Channel, w.Thread, r)
	if !noMember(err) || w.ResponseURL == "" {
		return false, err
	}
	said := reply.Ephemeral(r.Text, r.Blocks...)
	said.ResponseType = slack.ResponseTypeInChannel
	if failed := a.Replier.Respond(ctx, w.ResponseURL, said); failed != nil {
		if reply.InDoubt(failed) {
			return true, failed
		}
		w.Log.WarnContext(ctx, "could not post an answer by its response_url", "error", failed)
		return true, err
	}
	return true, nil
}

// noMember reports whether Slack did not take a message because the bot may not
// write there.
func noMember(err error) bool {
	failed, ok := errors.AsType[*slackapi.Error](err)
	return ok && failed.Outcome == slackapi.Refused
}

// shareKept is how long the memory of a process knows what was posted; a ledger
// knows it longer.
const shareKept = 24 * time.Hour

// claim reports whether nobody did the same before: in any process, when there is
// a ledger, else in this one.
func (a sharer) claim(ctx context.Context, w Turn, key string) bool {
	if !a.claimFor(shareKept, key) {
		return false
	}
	if a.Notifier == nil {
		return true
	}
	wish, cancel := a.Notifier.Ledger.Within(ctx, people.WishTimeout)
	defer cancel()
	first, err := a.Notifier.Ledger.People.MarkSeen(wish, key, a.Now())
	if err != nil {
		w.Log.WarnContext(ctx, "cannot note what is posted; a double click may post twice", "error", err)
		return true
	}
	return first
}

// unclaim lets the person press again.
func (a sharer) unclaim(ctx context.Context, w Turn, key string) {
	a.mu.Lock()
	delete(a.done, key)
	a.mu.Unlock()
	if a.Notifier == nil {
		return
	}
	ctx, cancel := a.Notifier.Ledger.Within(context.WithoutCancel(ctx), lastTimeout)
	defer cancel()
	if err := a.Notifier.Ledger.People.Unmark(ctx, key); err != nil {
		w.Log.WarnContext(ctx, "cannot take back that something was posted", "error", err)
	}
}
