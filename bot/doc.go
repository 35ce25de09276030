// Package bot is everything computeunits knows of Slack: it reads what people
// write and press, asks Qianfan, and answers.
//
// # Rooms
//
// Slack is reached over Socket Mode. What it sends goes one way:
//
//		socket: receive, acknowledge, delivered before?, a place to work
//		  └▶ bot: handle ─ people: who asks? ─ chat, home: what is meant, may they, do it ─ messages, views: draw ─ reply: send
//
//	  - Package socket hands over an interaction.Interaction, and never waits for more
//	    than its own acknowledgement, so that Slack's three seconds are kept however slow
//	    Qianfan, the ledger or Slack's other methods are.
//	  - Package people knows who somebody is: language, zone, guest or not, member of a
//	    group.
//	  - Package chat understands what was typed or pressed (by grammar), looks whether
//	    the person may, does it, and returns a reply.Reply. One file for each verb, its
//	    forms beside it.
//	  - Package home shows the App Home, and refreshes it while people look at it.
//	  - Packages messages and views draw: pure functions of facts and words (phrase), of
//	    blocks; action is what a button carries.
//	  - Package reply takes what is said to where it belongs; announce says what the
//	    notifier says by itself. Both ask Slack by package slackapi, which alone says what
//	    became of a request.
//	  - Package config reads the settings, demo is a terminal to try it in, slacksim a
//	    simulated Slack.
//
// Here are the wiring ([Bot]) and the one way from an interaction to a reply
// (handle.go).
//
// # Invariants
//
//   - The bot answers people only: not itself, not other bots, and nothing that
//     nobody says, such as edits and joins.
//   - Nothing typed ends in silence, or is lost. Who finds every place taken, or
//     the bot stopping, reads so in the acknowledgement itself, or in a message;
//     a form then stays open with what was typed. Who cannot be answered where
//     they asked is answered in the direct message.
//   - An error is never rendered as "no instances", and what goes wrong is said
//     to the person it concerns alone, with the id under which the log has it.
//   - What one person reads is in their language; what stands in a channel for
//     everybody, in that of the channel.
//   - Foreign text (what people typed, what Qianfan sent) reaches Slack escaped
//     once, without control characters, and can ping nobody.
//   - A panic ends what it is in, an envelope, an answer, one Home, and never the
//     process; the log has the stack and counts, and the person is told.
//   - A token that Slack refuses for good ends Run with a sentence that names
//     the token and the scope.
//
// Who may use whom is listed, with reasons, in the test of package main.
package bot
