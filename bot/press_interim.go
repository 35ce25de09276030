package bot

import (
	"context"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/phrase"
	"computeunits/notify"
	"computeunits/qianfan"
)

func (a *answerer) mayAsk(w asking) (response, bool)                         { return response{}, true }
func (a *answerer) mayChange(ctx context.Context, w asking) (response, bool) { return response{}, true }
func (w asking) trouble(ctx context.Context, err error) response {
	w.log.ErrorContext(ctx, "could not do what was asked", "error", err)
	return response{rendering: plain("error " + w.id), private: true}
}

func (o occasion) change(now time.Time) notify.Change {
	return notify.Change{By: o.user, At: now, Origin: o.origin, Channel: o.channel, Message: o.ts}
}

func explain(_ *phrase.Book, err error) string { return Explain(err) }

func draw(_ asking, a Answer) rendering { return rendering{a.text(), a.blocks()} }

func (a *answerer) failure(_ asking, q qianfan.Query, err error) rendering { return a.failed(q, err) }

func tableOf(_ asking, a Answer) (slack.Block, int) { return a.table() }
