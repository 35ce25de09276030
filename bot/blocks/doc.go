// Package blocks is Slack's text and layout: what must happen to foreign text
// before it stands in a message, how an instant is written so that each reader
// sees it in their own zone, and the small blocks that everything is drawn of.
//
// Text that people or Qianfan wrote is escaped exactly once, loses its control
// characters and is cut, so that it can neither ping anybody nor break a line. A
// [Dialect] says how one kind of reader is written to: Slack's mrkdwn, a cell of a
// table, a terminal. The limits are Slack's
// (https://docs.slack.dev/reference/block-kit).
//
// Everything here is a pure function.
package blocks
