package socket

// seen remembers what was worked on, to recognise redelivery. Slack repeats an
// event for about five minutes; memory is bounded by count instead of time,
// which at a hundred envelopes a second still spans five minutes.
type seen struct {
	young, old map[string]struct{}
}

// maxSeen is when the younger generation becomes the older; up to twice as
// many ids are remembered.
const maxSeen = 30_000

// first reports whether id comes for the first time, and remembers it.
func (s *seen) first(id string) bool {
	if _, ok := s.young[id]; ok {
		return false
	}
	if _, ok := s.old[id]; ok {
		return false
	}
	if s.young == nil || len(s.young) >= maxSeen {
		s.young, s.old = make(map[string]struct{}), s.young
	}
	s.young[id] = struct{}{}
	return true
}
