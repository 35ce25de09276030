// Package slacksim is a simulated Slack workspace: the Web API and Socket Mode
// as an http.Handler, and people who type commands, write messages and read
// what comes back. Apps talk to it with their usual Slack client and notice no
// difference; whatever Slack refuses, it refuses too.
//
//	w, err := slacksim.New(slacksim.Config{Manifest: yml, URL: "http://127.0.0.1:40123"})
//	go http.Serve(listener, w)
//	// … an app connects to http://127.0.0.1:40123/api/ …
//	inv := w.Slash("U0ALICE", "C0GPU", "/computeunits svco-1 prepaid")
//	err = inv.Acked(ctx)          // within three seconds, or operation_timeout
//	answer, err := inv.Reply(ctx) // by response_url, or with the acknowledgement
//	err = w.Press("U0ALICE", answer, "Refresh").Acked(ctx)
//
// # Who is there
//
// From the start there are Alice (U0ALICE) and Bob (U0BOB), who read English,
// Mei (U0MEI), who reads Chinese in Shanghai, and the app's bot (U0COMPUTE);
// the channels #general (C0GENERAL, the bot is no member) and #gpu-capacity
// (C0GPU, it is one). Direct messages with the bot are opened on demand. More
// come with AddUser, AddChannel and AddUserGroup: guests, bots, people who left,
// people of another organisation, who make a channel a shared one.
//
// # Two sides
//
// A request from the app runs through faults, the checks common to all methods
// (token, rate, scope) and the method itself; Methods is the list of what
// exists, with the page each entry comes from. What people do becomes a
// Delivery: a payload in an envelope to one random connection, to be
// acknowledged by any connection within three seconds. Only events are sent
// again. What arrives for people is stored as a Message, seen by History,
// Await and Reply, or as a View, seen by Modal, Home, AwaitModal and AwaitHome.
//
// The app's manifest decides what exists for it: commands, subscriptions,
// scopes, Socket Mode, interactivity, the tabs of its Home. Block Kit is checked
// by package blockkit.
//
// # What people do
//
// Slash types a command; Write, EditAs and DeleteAs are about messages, Join and
// Leave about membership, OpenHome and OpenMessages about the app's tabs. Press
// and Select act on the controls of a Message or a View, each named by its
// action_id or by what it says. Fill and Submit are for the form in a modal,
// Cancel and Dismiss close it. All of them return at once; Acked tells the
// outcome, as a *Failure what the person sees go wrong. To do what cannot be
// done, to press a button that is not there, is a *Failure too: a mistake in the
// test, and it says what there is instead.
//
// A modal is a stack of up to three views; a person has one at a time. What was
// chosen and typed survives an update of the view where block_id and action_id
// stay the same, even against a new initial value, as in Slack. In messages each
// person has choices of their own.
//
// What is typed is not what arrives: emoji become codes, addresses links, and
// what controls mrkdwn is escaped.
//
// # Trouble
//
// Fault describes as data what goes wrong with a request: refused, late, cut
// before or after it was carried out, carried out long after the answer, each
// n-th time, in one channel. HideReplyCounts and LagReplyCounts do it to the
// history, SkewDate to the Date of answers; Purge, ChangeChannelID and Backfill
// change a channel. Disconnect, Sever, Ghost, Down, SendRaw and Redeliver do to
// the sockets what Slack and networks do to them.
//
// Calls and Complaints are an independent record. A complaint is a sentence
// about something that an app should not do, which Slack mostly passes over in
// silence: an acknowledgement that is late, doubled, unknown or too large, a
// response_url used up, metadata or a thread that Slack loses without an error,
// a socket that ends without a close frame (unless ExpectKills was called).
// A test of a good app ends with no complaints.
//
// # Invariants
//
//   - One mutex, Workspace.mu, guards all state except the record. Nobody waits
//     for the network, a timer or a channel while holding it, so calls are short
//     and the package works in testing/synctest bubbles.
//   - Every goroutine and timer belongs to a socket or to the workspace; Close
//     waits for all of them.
//   - Memory is bounded: the last 50,000 messages of a channel, 10,000 calls,
//     10,000 envelopes, 50,000 response URLs; for each person a Home and a modal.
//   - Two times: Config.Now dates what people see, messages and events, whose
//     timestamps are unique and rise; how long something takes or lives is real
//     time, on the process's clock. Everything random follows from Config.Seed.
//   - Tokens are compared, and never in a log record, a Call or an error.
//
// # Fidelity
//
// Figures and rules come from the pages named beside them. Where Slack
// documents nothing, comments say that the choice is ours: the life of a ticket
// and the status of a refused one, bursts above a rate tier, error bodies of
// response URLs other than used_url and expired_url, a second modal over an open
// one, the sentences at the fields of a form.
//
// Methods that Slack has and this has not answer not_simulated; besides these are
// not simulated, and refused when a test tries: external selects, file and rich
// text inputs, feedback and workflow buttons, controls in the blocks of legacy
// attachments, direct messages of several people, shortcuts.
package slacksim
