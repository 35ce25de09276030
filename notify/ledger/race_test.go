//go:build race

package ledger

// underRace says that everything is ten times as slow.
const underRace = true
