// Package bot is everything computeunits knows of Slack: it reads what people
// write and press, asks Qianfan, and answers.
//
// # Model
//
// Slack is reached over Socket Mode. A socket (socket.go) keeps the connection;
// everything that it hands over goes one way:
//
//	envelope ─ acknowledge ─ seen before? ─ a place to work? ─ who asks? ─ understand ─ answer ─ render ─ send
//	           └─────────── read loop ────────────┘          └─────── a goroutine with a deadline ────────┘
//
// The read loop never waits for anything but its own acknowledgement, so that
// Slack's three seconds are kept however slow Qianfan, the ledger or Slack's
// other methods are. hear.go turns what arrives into a task: a command, a direct
// message, a mention, a press, a modal, an opened App Home. From there on there
// is one way for all:
//
//   - An occasion is who did what, where, and how an answer goes back; an asking
//     adds what is known of the person (people.go): language, zone, guest or not.
//   - bot/grammar makes a typed Request of a text; answerer.answer, after looking
//     whether the person may (permit.go), gives the response to any Request,
//     also to one that a button carries.
//   - A response is rendered from the catalogues of bot/phrase by pure functions
//     and taken to where it belongs by the courier: the response_url of a
//     command, the direct message, or the thread of a mention. A list is drawn
//     a page at a time (folio.go); a button carries all that its page needs.
//
// Announcements (announcer.go) are what the notifier says by itself.
//
// # Invariants
//
//   - An envelope is acknowledged before it is worked on, and worked on once:
//     redelivery is recognised by the message, the trigger or the envelope, over
//     a restart too when there is a ledger.
//   - The bot answers people only: not itself, not other bots, and nothing that
//     nobody says, such as edits and joins.
//   - What was not understood without doubt changes nothing; it is suggested.
//   - Whoever may not ask or change is told so. When Slack cannot tell who
//     somebody is, they may ask, and change nothing.
//   - Nothing typed ends in silence, or is lost. Who finds every place taken, or
//     the bot stopping, reads so in the acknowledgement itself, or in a message;
//     a form then stays open with what was typed. Who cannot be answered where
//     they asked is answered in the direct message.
//   - What names nobody is dropped with a warning.
//   - At most maxUnderWay answers are under way; Run waits for every one.
//   - An answer is posted at most once: only a request that Slack certainly did
//     not take is repeated.
//   - A panic ends what it is in, an envelope, an answer, one Home, and never the
//     process; the log has the stack and counts, and the person is told. A part
//     of the bot that runs as long as the process begins anew (guard.go).
//   - A socket ends with a close frame, and why Slack ended one is in the log.
//   - A token that Slack refuses for good ends Run with a sentence that names
//     the token and the scope; whatever may pass is retried, with jitter, and
//     never faster than the pacer allows.
//   - Foreign text (what people typed, what Qianfan sent) reaches Slack escaped
//     once, without control characters, and can ping nobody.
//   - An error is never rendered as "no instances", and what goes wrong is said
//     to the person it concerns alone, with the id under which the log has it.
//   - What one person reads is in their language; what stands in a channel for
//     everybody, in that of the channel.
package bot
