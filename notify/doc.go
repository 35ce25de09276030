// Package notify tells a channel before prepaid instances expire, and once a
// day what expires when. Nothing is lost and nothing is said twice, over
// crashes, restarts and outages; and an outage is never "nothing expires".
//
// # Rooms
//
// A [Notifier] reads services, has it decided what is due, and has it delivered.
// Between the three stands the ledger, which is the only state; each goes on where
// another stopped.
//
//		Qianfan ─ sweep ─▶ ledger: what is known ─ plan: what is due ─▶ ledger: the outbox ─ delivery ─▶ Slack
//
//	  - Package plan decides: pure functions of (state, now).
//	  - Package ledger remembers: what was observed, what was said, what people asked for.
//	    Package database is SQLite or PostgreSQL for it.
//	  - Package delivery looks, claims, posts, edits and records.
//	  - Package guard keeps a bug from ending the process.
//
// Here are the methods by which people change what is watched, acknowledge and
// snooze. Each writes its row of the audit in the same transaction, tells whoever
// comes second what holds and who made it so, and has what follows from it done at
// once ([Notifier.Wake]).
//
// # What acts
//
//   - A sweep reads every service by itself. A failed reading ages what is known
//     of its service and changes nothing else.
//   - A pass is level-triggered: it asks which step of the ladder is crossed and
//     with no message yet. gocron only wakes it, after every sweep and once a
//     minute. A missed tick, a week of downtime, a clock that was set: the same
//     code.
//   - The [delivery.Deliverer] delivers each channel by itself.
//
// # Invariants
//
//   - A panic ends neither the process nor what is said besides: the instance, the
//     message or the channel that it is about rests, and it is logged and counted.
//   - While the database does not answer nothing is announced, and it is tried again
//     for ever; [Notifier.Run] ends only for what waiting does not heal. The file of
//     the ledger is looked at every half minute.
//   - A clock that was set by an hour or more, or that more of Slack, Qianfan and
//     PostgreSQL deny than confirm, is in doubt: until it is not, nothing is decided,
//     recorded, removed or posted.
package notify
