// Package ledger keeps what was observed, what was said and what people asked for.
// It is the only state of the program: a process that opens it goes on where another
// stopped, and several processes may share it. It knows SQL, and how to do things
// once; what is to be said is decided by package plan, whose functions it calls
// within the transaction that writes the outcome.
//
// # Tables
//
//	service, instance    what is known, with the moment of each instance's next decision
//	message, reminder    the outbox: a message is one row, the reminders that it carries
//	                     are rows that point at it, written in the same transaction, so
//	                     that grouping and "once" do not fight
//	lookup, channel      how far a channel is known, and until when it takes nothing
//	channel_id           what Slack calls a channel whose id changed
//	watch, pause, audit  what people watch, acknowledge and snooze, and who did so
//	heard, preference,   what was delivered before, how somebody wants to be answered,
//	viewer               whose Home is open
//	setting              the id of the ledger, and the settings of the last time
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
// # Invariants
//
//   - A claim names the number of attempts that was read; of two that claim one wins.
//     The first ts that is recorded wins.
//   - On PostgreSQL, where several processes write at once, who decides about an
//     instance or records that it was told of holds its row meanwhile, so that one of
//     two sees what the other did. SQLite has one writer.
//   - A pass that finds nothing to do reads a few indexes and writes nothing.
//     Everything is decided about anew once or twice a day, which notices a row that
//     was removed by hand.
//   - Long work is written in pieces (pieceSize), such that what is due together is
//     still said together; what waits for delivery is read outboxSize at a time.
//     Nobody's command waits for more than a piece. What one page shows is read in one
//     transaction.
//   - The ledger is pruned by a clock that others agree with, and keeps what a look-up
//     may still find.
//   - No method asks a clock, so that a test may run it at any time; instants are kept
//     in whole milliseconds, UTC.
package ledger
