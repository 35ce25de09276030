//go:build race

package notify

// underRace says that everything is ten times as slow.
const underRace = true
