package notify

import (
	"context"
	"slices"

	"computeunits/notify/ledger"
	"computeunits/notify/plan"
)

// answer makes of each pause what decide makes of it, with one row of the audit
// for each that changes, and has every message looked at that shows it. There is
// an Answer for each expiry, in their order; fewer when it fails, be it because
// ctx ends: the others are as they were.
func (n Changes) answer(ctx context.Context, c plan.Change, what string, about []plan.Expiry, decide plan.AnswerFunc) (answers []plan.Answer, err error) {
	for chunk := range slices.Chunk(about, ledger.AnswersAtOnce) {
		var some []plan.Answer
		if some, err = n.Ledger.Changes.Answer(ctx, n.Settings, c, what, chunk, decide); err != nil {
			break
		}
		answers = append(answers, some...)
	}
	if slices.ContainsFunc(answers, func(a plan.Answer) bool { return a.Changed }) {
		n.Wake()
	}
	return answers, err
}
