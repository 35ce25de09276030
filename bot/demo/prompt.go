package demo

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
)

// screen is where people read. Whole texts are written to it at a time, since
// messages arrive in the channel while somebody types.
type screen struct {
	mu     sync.Mutex
	out    io.Writer
	prompt bool // it stands at the beginning of a line that somebody types on
	full   bool // something was printed since
}

func (s *screen) print(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.prompt || s.full {
		fmt.Fprintln(s.out)
	}
	s.full = true
	fmt.Fprintln(s.out, text)
	if s.prompt {
		fmt.Fprint(s.out, "\n> ")
	}
}

func (s *screen) ask() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.prompt, s.full = true, false
	fmt.Fprint(s.out, "\n> ")
}

func (s *screen) answered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.prompt = false
}

// lines yields what is typed, with a prompt before each line, until in ends or
// ctx is done. The goroutine that reads is left behind in the second case: a
// read from a terminal cannot be interrupted, and the process ends next.
func lines(ctx context.Context, in io.Reader, s *screen) func(func(string) bool) {
	typed := make(chan string)
	go func() {
		defer close(typed)
		for lines := bufio.NewScanner(in); lines.Scan(); {
			select {
			case typed <- strings.TrimSpace(lines.Text()):
			case <-ctx.Done():
				return
			}
		}
	}()
	return func(yield func(string) bool) {
		defer s.print("")
		defer s.answered()
		for {
			s.ask()
			select {
			case line, ok := <-typed:
				s.answered()
				if !ok || !yield(line) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}
