// Package guard makes panics errors, so that a bug about one row, message or channel
// ends neither the process nor what concerns others. Whoever calls [Safely] decides
// what rests, and has the panic logged with its stack and counted.
package guard

import (
	"fmt"
	"runtime/debug"
)

// PanicError is a panic that was recovered.
type PanicError struct {
	Value any
	Stack []byte
}

// Error says what the panic said; the stack is for the log.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Safely runs f and makes a panic in it an error.
func Safely(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{v, debug.Stack()}
		}
	}()
	return f()
}
