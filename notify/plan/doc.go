// Package plan decides what is to be said about instances that expire, and when.
// Everything in it is a pure function of a state and a moment: there is no SQL, no
// request, no context and no log. Package ledger keeps the state, package delivery
// says what was decided.
//
// # Model
//
//	qianfan.Reading ─ Observation ─ Merge ─▶ Instance, ServiceState   what is known
//	Settings, Watch ─ Policy ─ Evaluation                             by what it is decided, at a moment
//	Instance, HeldPause, Carried ─ Decide ─▶ Decision                 which reminders are due, and when to ask again
//	Due ─ Group ─▶ Draft ─▶ Message, Reminder                         which messages say them
//	Message, Facts ─ Content.Announce ─▶ Announcement                 what a message says at this moment
//	Snapshot ─ Body ─▶ Digest · Overview, Outlook, Health             what a digest, a list and the Home show
//
// # Keys
//
// A [Reminder] is one thing that is said once. Its key is service, instance,
// expiry in whole seconds, threshold, channel and kind. A later expiry is another
// reminder, so renewal opens a new ladder without code for it; the same expiry never
// is, so one that flaps from A to B and back to A says nothing twice. But what a
// message called renewed until B is taken back by one reminder of kind reverted, of A
// and of the span from A to B: who read that it is renewed must learn that it is not.
// For the notices of unreadable services the expiry is the UTC day, for the digest the
// threshold is the day.
//
// A [Message] carries reminders; its key is a digest of theirs.
//
// # Rules
//
//   - Only the most urgent crossed step is said, and how late if it is.
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
//     counted, so one that is renewed is another that came. An instance whose id
//     stands for two expiries at once is told apart by expiry; when that begins or
//     ends, a step may be said again under its other name.
//   - What is not called postpaid is prepaid, for only that is asked for. A prepaid
//     instance that runs without an expiry, or with one that cannot be read, is
//     unknown, which is said once, with what was written; never nothing.
//   - Nothing is said of a service by a reading of before the process began, or was
//     frozen, that is older than two checks: it is read first, before those of which
//     nothing is to be said. Where it cannot be read, and in the last useful hour,
//     the message begins with the age of what it says. A digest waits an hour.
//   - Each service has one channel and one ladder, its own or those of the settings,
//     and each channel the digest of its services.
//   - An answer is about one expiry, so a renewal ends it. Acknowledging leaves the
//     steps of the last day and of the expiry. A snooze until T leaves those, T
//     itself, as a step with the threshold expiry - T, and what comes after it. From T
//     on nobody is shown a snooze, but the ladder keeps its end. Nothing anybody
//     presses takes the last day's steps away.
//   - There is no state "gave up". A reminder ends when the next step is crossed, when
//     the expiry moves, or when the data is usually destroyed.
package plan
