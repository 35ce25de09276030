// Package notify decides which instances a channel must be told about, and
// sees to it that it is told, once.
package notify
