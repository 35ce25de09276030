// Package grammar reads what people write to the bot, in a slash command, a
// direct message or a mention, in English or Simplified Chinese, and makes one
// typed Request of it. It asks no service and keeps no state: Parse is a pure
// function of the text and its Context.
//
// # Model
//
//		text ─ clean ─ lex ─ time ─ decide ─ Request
//		                              └ mend ─ Misunderstanding, perhaps with suggestions
//
//	  - clean takes away what Slack added (escapes, mentions, links, emoji) and
//	    brings letters to one form.
//	  - lex cuts the text into tokens by the longest phrase of the tables in
//	    words/, the ids and labels of the Context, and the forms of ids, numbers
//	    and dates. Chinese needs no spaces.
//	  - time joins numbers, units, weekdays and months to durations and instants.
//	  - decide sees which tokens there are, hardly in which order, and says what
//	    was asked.
//	  - mend looks for what mistyped words may have meant.
//
// # Invariants
//
//   - A request that changes something (Verb.Changes) comes only from a text
//     in which every word is known, with one such verb in its plain form and
//     one object; never from a negation, a question about it, a condition, a
//     report of what somebody did, or a mended typo.
//   - A word that is not known is never skipped. What the rest would ask is
//     offered as a suggestion, which is not acted on.
//   - Two services, two times or two orders are a reason to ask back, not a
//     choice.
//   - A date that two readers may read differently (12/1) is asked back.
//     Where a phrase has a narrower and a wider sense, what expires is listed
//     by the wider one: reading too much costs a glance, too little capacity.
//   - Parse(r.Line(), c) is r again, except for its Lang.
package grammar
