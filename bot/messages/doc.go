// Package messages draws what the bot says: facts, words and a zone become text
// and blocks. Answers, lists, reminders, digests, help and refusals are drawn here,
// for Slack and for the terminal.
//
// # Model
//
// [Words] are an announcement, or the facts of a list, with the catalogue of a
// language. They lay out a [Layout]: a title, a lead, lists, notes and controls,
// the most important first. A Layout is drawn twice, as blocks and as the text
// that stands for them, so that both say the same, and becomes a [Message]. What
// does not fit is counted, never dropped silently.
//
// An [Answer] is one reading of a service; an [AnswerPage] is a page of it with
// what the ledger knows besides, a [ListPage] one of a list.
//
// # Invariants
//
//   - Drawing is pure: the same facts give the same bytes. Nothing here asks
//     Slack, Qianfan or the ledger.
//   - A message is within Slack's limits whatever Qianfan sent.
//   - Foreign text is escaped once; an error is never drawn as "no instances".
package messages
