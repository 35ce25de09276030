package memnet

import (
	"bytes"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// streamSize is how many bytes a stream holds before a writer waits for the
// reader: about what a kernel gives a loopback socket.
const streamSize = 256 << 10

// stream is one direction of a connection: a bounded buffer with an end that
// writes and an end that reads.
type stream struct {
	mu      sync.Mutex
	changed *sync.Cond // broadcast after any change of the fields below
	buf     bytes.Buffer
	busy    bool // a Write waits for room in its middle: the next one must not cut in
	reader  end
	writer  end
}

// end is one side of a stream, guarded by the stream's mutex.
type end struct {
	closed  bool
	expired bool        // the deadline has passed
	timer   *time.Timer // will set expired; nil when there is nothing to wait for
}

func newStream() *stream {
	s := new(stream)
	s.changed = sync.NewCond(&s.mu)
	return s
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.reader.closed:
			return 0, net.ErrClosed
		case s.reader.expired:
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case s.buf.Len() > 0:
			s.changed.Broadcast()
			return s.buf.Read(p)
		case s.writer.closed:
			return 0, io.EOF
		}
		s.changed.Wait()
	}
}

func (s *stream) write(p []byte) (written int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	mine := false // this call is the busy one
	defer func() {
		if mine {
			s.busy = false
			s.changed.Broadcast()
		}
	}()
	for {
		switch {
		case s.writer.closed:
			return written, net.ErrClosed
		case s.writer.expired:
			return written, os.ErrDeadlineExceeded
		case s.reader.closed:
			return written, syscall.EPIPE
		case s.busy && !mine: // wait for the turn
		case written == len(p):
			return written, nil
		case s.buf.Len() < streamSize:
			n := min(len(p)-written, streamSize-s.buf.Len())
			s.buf.Write(p[written : written+n])
			written += n
			s.changed.Broadcast()
			continue
		default: // full
			s.busy, mine = true, true
		}
		s.changed.Wait()
	}
}

// close ends one side for good: its own calls fail with net.ErrClosed, a
// reader on the other side meets io.EOF after the last byte, a writer EPIPE.
func (s *stream) close(e *end) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.closed = true
	e.stopTimer()
	s.changed.Broadcast()
}

// setDeadline makes calls on one side fail from t on; the zero time lifts it.
func (s *stream) setDeadline(e *end, t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.stopTimer()
	left := time.Until(t)
	e.expired = !t.IsZero() && left <= 0
	if !t.IsZero() && left > 0 && !e.closed {
		var timer *time.Timer
		timer = time.AfterFunc(left, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			if e.timer == timer { // not replaced meanwhile
				e.timer, e.expired = nil, true
				s.changed.Broadcast()
			}
		})
		e.timer = timer
	}
	s.changed.Broadcast()
}

func (e *end) stopTimer() {
	if e.timer != nil {
		e.timer.Stop()
		e.timer = nil
	}
}
