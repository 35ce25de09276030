// Package notify tells a channel before prepaid instances expire, and once a
// day what expires when. Nothing is lost and nothing is said twice, over
// crashes, restarts and outages; and an outage is never "nothing expires".
//
// # Model
//
// A [Notifier] reads services, decides and delivers. Between the three stands
// the [Ledger], which is the only state; each goes on where another stopped.
//
//	Qianfan ─ sweep ─ observe ─▶ service, instance ─ pass: judge, group ─▶ message, reminder ─ courier ─▶ Slack
//	          what was read      what is known       what is due           what is said         Sender
//
// What people do in Slack stands in the ledger too: what they watch besides the
// settings, what they acknowledge and snooze. Each pass and each sweep reads it,
// and [Notifier.Nudge] has them begin at once. Package bot changes it by the
// methods of Notifier and Ledger that take a [Change], each of which writes its
// row of the audit in the same transaction, and tells whoever comes second what
// holds and who made it so.
//
// Three things act:
//
//   - A sweep reads every service by itself. A failed reading ages what is known
//     of its service and changes nothing else.
//   - A pass is level-triggered: it asks which step of the ladder is crossed and
//     with no message yet. gocron only wakes it, after every sweep and once a
//     minute. A missed tick, a week of downtime, a clock that was set: the same
//     code. judge, group and the digest's body are pure functions.
//   - The courier delivers each channel by itself, one request at a time, at most
//     one post a second, the most urgent first. The [Sender] makes requests and
//     classifies answers; it repeats none.
//
// # Keys
//
// A reminder is one thing that is said once. Its key is service, instance,
// expiry in whole seconds, threshold, channel and kind, and is unique in the
// ledger. A later expiry is another reminder, so renewal opens a new ladder
// without code for it; the same expiry never is, so one that flaps from A to B
// and back to A says nothing twice. But what a message called renewed until B is
// taken back by one reminder of kind reverted, of A and of the span from A to B:
// who read that it is renewed must learn that it is not. For the notices of unreadable services the
// expiry is the UTC day, for the digest the threshold is the day.
//
// A message is one row of the outbox. The reminders that it carries are rows
// that point at it, written in the same transaction: grouping and "once" do not
// fight. Its key is a digest of theirs. Both keys travel in the metadata of the
// message in Slack, where a look-up finds them, whoever posted it and from
// whichever ledger.
//
// A channel is called by the first id it had. Where Slack calls it by another one
// since, be it in an event, in its answer to a post, or with a press in a message
// that was posted there, that one is an address of the same channel: it is what
// Slack is asked by, and neither key nor settings make two channels of it.
//
// # States of a message
//
// People see them in the view message_state.
//
//	due         decided, not tried
//	sending     claimed: the attempt is under way, or its fate is unknown
//	waiting     certainly not posted; tried again at next_at
//	sent        it stands in the channel as ts
//	superseded  nothing is left to say in it, or somewhere else
//
// There is no state "gave up". A reminder ends when the next step is crossed,
// when the expiry moves, or when the data is usually destroyed.
//
// # The order of a delivery
//
//  1. What waits is read, with the number of attempts of each message, and only
//     where the lease of the last one has run out.
//  2. The channel is looked at, from where it is known to now. What stands there is
//     recorded as sent.
//  3. A message is claimed: attempt, lease and "fate unknown" are committed, if
//     its number of attempts is still the one read. What is out of date is
//     dropped here instead.
//  4. It is posted, by one request that shutting down does not interrupt.
//  5. The outcome is recorded; the first ts that is recorded wins.
//
// By 1 every earlier attempt was over before 2, by 3 there was none since, so a
// message that 2 did not show was not posted. One look-up serves a whole round,
// and first attempts too: a ledger that was restored does not know of them.
//
// A look-up is incremental. The ledger notes up to which moment a channel is known;
// the next look-up begins an hour before that, reads a page at a time, and goes on
// where it was after a restart. Besides, each thread is read in which something
// waits: the history's count of replies may be late, and below a deleted message its
// replies still stand. 15 seconds, two and ten minutes after an answer in doubt the
// channel is looked at once more, for what appears later than its answer; and after
// every post where a second ledger announces into the same channels.
//
// Of messages with one key the first in the channel counts, for every process and
// every ledger. A ledger that holds a later one takes up the first; the later one is
// removed only when both were read in that moment and the first carries, with its
// thread, all that the later one does. Nothing is deleted because of what a ledger
// holds alone: two ledgers in one channel would delete each other's messages. The
// mark of a message names its ledger, so that a second one is noticed.
//
//	crash                      the ledger holds      what follows
//	before 3                   due                   posted
//	between 3 and 4            sending, attempt 1    the lease ends; not there: posted
//	between 4 and 5            sending, attempt 1    the lease ends; there: recorded
//	after 5                    sent                  nothing
//	frozen before 4, overtaken sent by attempt 2     its record finds an earlier ts; its own, a double, is removed
//	frozen after 4, overtaken  sent, its own ts      its record finds that ts; nothing
//
// # Invariants
//
//   - Nothing is posted but what a committed claim covers, and the lease is
//     longer than an attempt with its record.
//   - A reading is complete only if nothing in it says otherwise, and if it knows no
//     less of an instance (its id, payment timing and expiry) than the one before.
//     Any other is a failure: what is known stays, ages, and goes on being said.
//     That ends when what would be lost has expired for so long that it is nothing.
//   - Gone is absent from two complete readings. Before its expiry that is said, on
//     each day on which it happens once; no digest of that day says all clear; and
//     for a week the steps of its ladder are still said, with that. Nobody misses
//     what Qianfan called deleted or creating, or what is listed under another name
//     of ours. One that is absent after its expiry is no longer listed, which Baidu
//     may do: its last steps remain.
//   - Rows without an id are as many instances. Those that expire together are
//     counted, so one that is renewed is another that came.
//   - Only the most urgent crossed step is said, and how late if it is.
//   - Nothing is said of a service by a reading of before the process began, or was
//     frozen, that is older than two checks: it is read first, before those of which
//     nothing is to be said. Where it cannot be read, and in the last useful hour,
//     the message begins with the age of what it says. A digest waits an hour.
//   - A wait that Slack asks for stands in the ledger, outlives a restart, and
//     holds on the monotonic clock too.
//   - What is not called postpaid is prepaid, for only that is asked for. A prepaid
//     instance that runs without an expiry, or with one that cannot be read, is
//     unknown, which is said once, with what was written; never nothing.
//   - When the channel cannot be looked at, for whatever reason, nothing is posted,
//     until the last useful hour: then with a remark that it may be a repetition.
//   - A wait of more than an hour that Slack asks for is asked about again hourly.
//   - A channel that refuses is posted to less and less often, down to once an hour.
//     What it is asked for in between, once a minute, is whether it is still archived,
//     or the bot no member: as long as that shows, nothing is posted, and when it is
//     over, what waits is.
//   - Nothing that Slack rejects keeps another thing from being said. A message
//     rejected also as plain text is taken apart until what is rejected is alone.
//   - A posted message is edited when an expiry that it tells of moves, is
//     answered to, or its snooze ends; a digest until its day ends. Who pressed a
//     button in it does not wait for the courier: Correct claims the same edit.
//   - An edit that Slack rejects is made once more without blocks, and shorter. What
//     Slack does not let be edited at all is said in the thread of the message, by a
//     message of kind correction, once for each state of it: no message stands
//     uncorrected because it cannot be edited.
//   - Each service has one channel and one ladder, its own or those of the
//     settings, and each channel the digest of its services. A reminder for a
//     channel that its service does not tell any more is dropped.
//   - A message shows what was answered to all that its thread carries, and what
//     it announced for its thread is posted whatever is answered meanwhile.
//   - An answer is about one expiry, so a renewal ends it. Acknowledging leaves
//     the steps of the last day and of the expiry. A snooze until T leaves those,
//     T itself, as a step with the threshold expiry - T, and what comes after it.
//     From T on nobody is shown a snooze, but the ladder keeps its end.
//     Nothing anybody presses takes the last day's steps away.
//   - A panic ends neither the process nor what is said besides: the instance, the
//     message or the channel that it is about rests, and it is logged and counted.
//   - A pass that finds nothing to do reads a few indexes and writes nothing.
//     Everything is decided about anew once or twice a day, which notices a row
//     that was removed by hand.
//
// # The database
//
//   - What is read goes by other connections than what is written. What one page
//     shows is read in one transaction.
//   - Long work is written in pieces (pieceSize), such that what is due together is
//     still said together; what waits for delivery is read outboxSize at a time.
//     Nobody's command waits for more than a piece.
//   - Nothing depends on the session of a connection, and nothing is prepared on the
//     server, so that a pooler may stand in between.
//   - A database that does not answer stops nothing but what needs it. Whoever can
//     do without it bounds the wait ([Ledger.Within]); [Unavailable] tells such an
//     error from others. [Notifier.Run] tries again, for ever, and ends only for
//     what waiting does not heal.
//   - The file of the ledger is looked at every half minute. One that was deleted is
//     still open, and is written again; what was put in its place counts.
//   - The ledger is pruned by a clock that others agree with, and keeps what a
//     look-up may still find. A clock that was set by an hour or more, or that more
//     of Slack, Qianfan and PostgreSQL deny than confirm, is in doubt: until it is
//     not, nothing is decided, recorded, removed or posted.
//
// # Limits
//
// A double remains possible when Slack takes a request after every look-up said
// that it did not; when the bot may not read the channel's history; in the last
// useful hour while looking fails; when a message appears more than ten minutes after
// an answer in doubt; and when a whole ledger is lost, for what was posted more than
// lookBack before. An instance whose id stands for two expiries
// at once is told apart by expiry; when that begins or ends, a step may be said
// again under its other name.
package notify
