package qianfantest

import (
	"net/http"
	"slices"
	"time"
)

// recordSize is how many calls a Server remembers.
const recordSize = 10_000

// Call is one request as the server saw it.
type Call struct {
	Time      time.Time // when it arrived, UTC
	Method    string
	URI       string // path and query as sent
	Host      string
	ServiceID string // "" when the body has none
	Timing    string
	RequestID string // of the answer; "" when there was none
	Status    int    // of the answer; 0 when there was none
	// Outcome is "ok", the code of a refusal, or what the fault did: "dropped
	// before", "dropped after", "truncated", "HTML", "headers", "body"; "HTTP
	// 429" for a refusal without a code; "caller left" and "request cut short"
	// when the client was the one to go.
	Outcome string
	Header  http.Header
	Body    string
}

// record keeps the latest calls in a ring.
type record struct {
	ring  []Call
	count int // of all calls ever
}

func (s *Server) keep(c Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.record.ring) < recordSize {
		s.record.ring = append(s.record.ring, c)
	} else {
		s.record.ring[s.record.count%recordSize] = c
	}
	s.record.count++
}

// Calls returns the latest 10,000 calls, oldest first by the time they were
// answered. Their headers must not be changed.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.record.count <= recordSize {
		return slices.Clone(s.record.ring)
	}
	oldest := s.record.count % recordSize
	return slices.Concat(s.record.ring[oldest:], s.record.ring[:oldest])
}

// CallCount returns how many calls there were, also those no longer remembered.
func (s *Server) CallCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.record.count
}
