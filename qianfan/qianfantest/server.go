package qianfantest

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// The keys a Server knows when its own fields are empty.
const (
	AccessKey = "ALTAKfakeAccessKeyForTests"
	SecretKey = "fakeSecretKeyForTests0123456789ab"
)

// maxBody is the longest request body that is read, in bytes.
const maxBody = 1 << 20

// Server is one account of Qianfan. Its zero value has no services. Set the
// fields before the first request; methods may be called at any time from
// several goroutines.
type Server struct {
	AccessKey    string // empty: the constant AccessKey
	SecretKey    string // empty: the constant SecretKey
	SessionToken string // of temporary keys; empty: the keys are permanent
	// Prefix is a path before the documented ones, as behind a gateway; it has
	// no slash at its end.
	Prefix string
	// Latency is how long every answer takes.
	Latency time.Duration
	// Now is the clock against which signatures are checked, and that dates every
	// answer; nil: time.Now.
	Now func() time.Time
	// UnknownService is the refusal for a service that does not exist. What
	// the original answers is not known; the zero value is 404
	// ResourceNotFound, and Status 200 is an empty list.
	UnknownService Refusal

	mu       sync.Mutex // guards what follows
	services map[string]service
	faults   []Fault
	record   record
	requests int // numbers the request ids

	memory memory
}

// service is what a service answers.
type service struct {
	instances []Instance
	raw       string // the JSON of result instead; "": from the instances
}

// Set makes a service have these instances and no others.
func (s *Server) Set(serviceID string, instances ...Instance) {
	s.put(serviceID, service{instances: slices.Clone(instances)})
}

// SetRawResult makes a service answer with any text in the place of the JSON
// value of "result".
func (s *Server) SetRawResult(serviceID, result string) {
	s.put(serviceID, service{raw: result})
}

func (s *Server) put(serviceID string, now service) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.services == nil {
		s.services = make(map[string]service)
	}
	s.services[serviceID] = now
}

// Remove makes a service unknown.
func (s *Server) Remove(serviceID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.services, serviceID)
}

// Update changes every instance of a service that has the id, and reports
// whether there was one. An empty serviceID means any service, an empty
// instanceID any instance. change must not call the server.
func (s *Server) Update(serviceID, instanceID string, change func(*Instance)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := false
	for id, svc := range s.services {
		if serviceID != "" && id != serviceID {
			continue
		}
		for i := range svc.instances {
			if instanceID == "" || svc.instances[i].ID == instanceID {
				change(&svc.instances[i])
				found = true
			}
		}
	}
	return found
}

// ServeHTTP answers one request: it waits, fails where a fault says so, and
// otherwise does what the original does.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := time.Now
	if s.Now != nil {
		now = s.Now
	}
	call := Call{Time: now().UTC(), Method: r.Method, URI: r.RequestURI, Host: r.Host, Header: r.Header.Clone()}
	cut := func(outcome string) {
		call.Outcome = outcome
		s.keep(call)
		panic(http.ErrAbortHandler) // closes the connection without a word
	}

	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		cut("request cut short")
	}
	question, badBody := parseQuestion(body)
	call.Body, call.ServiceID, call.Timing = string(body), question.serviceID, question.timing

	fault := s.nextFault(question.serviceID)
	if !sleep(r.Context(), s.Latency+fault.Delay) {
		cut("caller left")
	}
	if fault.DropBefore {
		cut("dropped before")
	}

	call.RequestID = s.nextRequestID()
	refusal := cmp.Or(s.route(r), s.verify(r, now()), checkForm(r), badBody)
	var reply reply
	switch {
	case refusal != nil:
		reply = refusal.reply(call.RequestID)
	case fault.answers():
		reply = fault.reply(call.RequestID)
	default:
		reply = s.lookUp(question, call.RequestID)
		reply.reshape(fault.Form)
	}
	if fault.DropAfter {
		cut("dropped after")
	}
	if fault.Truncate {
		reply.truncated, reply.outcome = true, "truncated"
	}
	call.Status, call.Outcome = reply.status, reply.outcome
	s.keep(call)
	w.Header().Set("Date", now().UTC().Format(http.TimeFormat))
	reply.write(w)
}

// lookUp answers a question that is in order.
func (s *Server) lookUp(q question, requestID string) reply {
	s.mu.Lock()
	svc, known := s.services[q.serviceID]
	instances := slices.Clone(svc.instances)
	s.mu.Unlock()

	if !known && s.UnknownService.Status != http.StatusOK {
		refusal := s.UnknownService
		if refusal == (Refusal{}) {
			refusal = Refusal{http.StatusNotFound, "ResourceNotFound", "The specified resource is not found."}
		}
		return refusal.reply(requestID)
	}
	if svc.raw != "" {
		return reply{status: http.StatusOK, outcome: "ok", requestID: requestID,
			body: fmt.Appendf(nil, `{"requestId":%q,"result":%s}`, requestID, svc.raw)}
	}
	if q.timing != "" {
		instances = slices.DeleteFunc(instances, func(in Instance) bool { return in.PaymentTiming != q.timing })
	}
	var a struct {
		RequestID string `json:"requestId"`
		Result    struct {
			Instances []Instance `json:"instances"`
		} `json:"result"`
	}
	a.RequestID = requestID
	a.Result.Instances = append([]Instance{}, instances...) // [], not null
	return jsonReply(http.StatusOK, "ok", requestID, a)
}

func (s *Server) nextRequestID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	return fmt.Sprintf("qianfantest-%06d", s.requests)
}

// sleep reports whether ctx lasted as long as d.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
