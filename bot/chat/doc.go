// Package chat is what people can ask of the bot: it understands a text or a press,
// looks whether the person may, does what is asked for, and returns what is said.
//
// # Model
//
//	interaction + people.Reader = Turn
//	text ─ grammar.Parse ─▶ grammar.Request ─┐
//	press ─ action.Decode ─▶ action.Action ──┴ may they? ─ do ─ draw ─▶ reply.Reply
//
// [Chat.Words] is the way of everything typed, [Chat.Press] that of buttons and menus,
// [Chat.Submit] that of forms. What is asked for is done by small types, one for each
// group of verbs: asking about a service (ask.go, answer.go), lists (outlook.go,
// page.go, services.go, instance.go), watching (watch.go and its forms), pausing
// reminders (pause.go, pause_press.go, pick.go), sharing (share.go), forms in general
// (modal.go). A new verb is one file here, its sentences in phrase, its words in grammar
// and its drawing in messages.
//
// # Rules
//
//   - What was not understood without doubt changes nothing; it is suggested.
//   - Whoever may not ask or change is told so (permit.go). When Slack cannot tell who
//     somebody is, they may ask, and change nothing.
//   - Errors and refusals are for the person alone.
//   - The ledger gets 300 ms for what an answer can do without, and two seconds for what
//     it is made of; then Qianfan is asked, and the answer says what is missing.
//   - What may not be done twice, such as posting to a channel, is claimed first: in the
//     ledger, so that several copies of the bot do it once.
//   - A form says at once that it is opening or saving; a trigger lives three seconds.
package chat
