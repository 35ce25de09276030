// Package proof holds the tests of the promise: no reminder is lost and none is
// sent twice. They drive the built program, or all of its parts at once, from
// outside; what a single part does is tested beside it.
package proof
