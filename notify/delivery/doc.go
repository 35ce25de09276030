// Package delivery says in Slack what the ledger holds: each channel by itself, one
// request at a time, at most one post a second, the most urgent first. The [Sender]
// makes requests and classifies their outcome; it repeats none. What a message says
// is decided by package plan when it is claimed.
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
//	crash                      the ledger holds      what follows
//	before 3                   due                   posted
//	between 3 and 4            sending, attempt 1    the lease ends; not there: posted
//	between 4 and 5            sending, attempt 1    the lease ends; there: recorded
//	after 5                    sent                  nothing
//	frozen before 4, overtaken sent by attempt 2     its record finds an earlier ts; its own, a double, is removed
//	frozen after 4, overtaken  sent, its own ts      its record finds that ts; nothing
//
// # Looking at a channel
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
// # Invariants
//
//   - Nothing is posted but what a committed claim covers, and the lease is
//     longer than an attempt with its record.
//   - When the channel cannot be looked at, for whatever reason, nothing is posted,
//     until the last useful hour: then with a remark that it may be a repetition.
//   - A 429 leaves a message in doubt like a broken connection, but it is looked for as
//     soon as the wait is over: some stood in the channel in spite of it.
//   - A reply that Slack put into the channel, because the message above it is gone,
//     stays there: whatever takes it away may take what another ledger counts by then.
//   - A wait that Slack asks for stands in the ledger, outlives a restart, and
//     holds on the monotonic clock too. One of more than an hour is asked about hourly.
//   - A channel that refuses is posted to less and less often, down to once an hour.
//     What it is asked for in between, once a minute, is whether it is still archived,
//     or the bot no member: as long as that shows, nothing is posted, and when it is
//     over, what waits is.
//   - Nothing that Slack rejects keeps another thing from being said. A message
//     rejected also as plain text is taken apart until what is rejected is alone.
//   - A posted message is edited when an expiry that it tells of moves, is answered
//     to, or its snooze ends; a digest until its day ends. Who pressed a button in it
//     does not wait: [Deliverer.Correct] claims the same edit.
//   - An edit that Slack rejects is made once more without blocks, and shorter. What
//     Slack does not let be edited at all is said in the thread of the message, by a
//     message of kind correction, once for each state of it: no message stands
//     uncorrected because it cannot be edited.
//   - A channel is called by the first id it had, which is part of the keys; where
//     Slack calls it by another one since, that one is what Slack is asked by.
//   - A panic rests one message or one channel, and keeps no other from being served.
//
// # Limits
//
// A double remains possible when Slack takes a request after every look-up said
// that it did not; when the bot may not read the channel's history; in the last
// useful hour while looking fails; when a message appears more than ten minutes after
// an answer in doubt; and when a whole ledger is lost, for what was posted more than
// plan.LookBack before.
package delivery
