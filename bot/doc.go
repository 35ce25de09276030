// Package bot is everything computeunits knows of Slack: it reads what people
// type, asks Qianfan, and answers.
//
// # Model
//
// Slack is reached over Socket Mode. slack-go keeps the socket; everything
// that it hands over goes one way:
//
//	envelope ─ acknowledge ─ seen before? ─ a place to work? ─ parse ─ ask ─ render ─ response_url
//	           └────────── read loop ──────────┘              └─ a goroutine with a deadline ─┘
//
// The read loop never waits for anything but its own acknowledgement, so that
// Slack's three seconds are kept however slow Qianfan is. Parsing (parse) and
// rendering (render) are pure functions; asking and posting stand between them.
//
// # Invariants
//
//   - An envelope is acknowledged before it is worked on, and worked on once:
//     redelivery is recognised by trigger id, else by envelope id.
//   - Nothing typed ends in silence. Who finds every place taken, or the bot
//     stopping, reads so in the acknowledgement itself.
//   - At most maxUnderWay answers are under way; Run waits for every one.
//   - An answer is posted at most once: only a request that Slack certainly did
//     not take is repeated.
//   - A panic ends the answer, not the process, and the person is told.
//   - A token that Slack refuses for good ends Run with a sentence that names
//     the token and the scope; whatever may pass is retried, with jitter, and
//     never faster than the pacer allows.
//   - Foreign text (what people typed, what Qianfan sent) reaches Slack escaped
//     once, without control characters, and can ping nobody.
//   - An error is never rendered as "no instances".
package bot
