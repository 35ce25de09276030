// Package views draws the App Home and the modals, and reads what was filled into
// them.
//
// [Home] is one person's App Home as plain data; its View is drawn in the language
// of a catalogue, and its Fingerprint tells whether there is anything new to see.
// A form is drawn by the same package that reads it, so that the names of its
// fields stand in one place.
//
// Everything here is a pure function; views are within Slack's limits (100 blocks,
// 250 KB, https://docs.slack.dev/reference/surfaces) whatever they show.
package views
