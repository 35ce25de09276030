// Package home shows people their App Home, and refreshes it while they look at it.
//
// Who opens it or presses something is shown it at once; of several presses at once
// only the last. Besides, the ledger is looked at every few seconds while anybody looks,
// once for all of them, which also notices what other processes change; a Home is
// published only when there is something new to see in it. One request at a time is
// made for a person, by who has their turn. What a Home shows is read in one
// transaction and drawn by package views.
package home
