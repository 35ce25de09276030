package qianfantest

import (
	"cmp"
	"net/http"
	"strconv"
	"time"
)

// Fault is something that goes wrong, as data. A request meets the first fault
// that matches it. Delay and DropBefore happen on the way to the API; all the
// others behind its signature check, so that a request which is not in order is
// refused whatever else goes wrong.
//
// The answer is an error when one of the fields from Status to Body says so,
// and otherwise the right one.
type Fault struct {
	ServiceID string // the service whose requests it hits; "": any
	Times     int    // how many requests it hits; 0: all until Mend

	Delay      time.Duration // before anything else
	DropBefore bool          // the connection is cut before the request is read
	DropAfter  bool          // the connection is cut in the place of an answer
	Truncate   bool          // the connection is cut after half the body
	Form       Form          // the right answer in a form that says less; "": as it is

	Status     int           // of HTTP; see below for what 0 means
	Code       string        // in the documented JSON; Status 0: 500
	Message    string        // beside Code
	RetryAfter time.Duration // the header, in whole seconds, rounded up; Status 0: 429
	HTML       bool          // a proxy's page; Status 0: 502
	HeaderOnly bool          // Code and Message in the gateway's headers, no body; Status 0: 503
	Body       string        // this body, verbatim; Status 0: 200
}

// Inject adds a fault behind those there are.
func (s *Server) Inject(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
}

// Mend removes all faults.
func (s *Server) Mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// nextFault returns what hits a request about the service, and counts it; the
// zero Fault is none.
func (s *Server) nextFault(serviceID string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.faults {
		f := s.faults[i]
		if f.ServiceID != "" && f.ServiceID != serviceID {
			continue
		}
		if f.Times > 0 {
			if s.faults[i].Times--; s.faults[i].Times == 0 {
				s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
			}
		}
		return f
	}
	return Fault{}
}

// answers reports whether the fault has an answer of its own.
func (f *Fault) answers() bool {
	return f.Status != 0 || f.Code != "" || f.RetryAfter != 0 || f.HTML || f.HeaderOnly || f.Body != ""
}

func (f *Fault) reply(requestID string) reply {
	var a reply
	switch {
	case f.Body != "":
		a = reply{status: cmp.Or(f.Status, http.StatusOK), body: []byte(f.Body), outcome: "body"}
	case f.HTML:
		status := cmp.Or(f.Status, http.StatusBadGateway)
		title := strconv.Itoa(status) + " " + http.StatusText(status)
		a = reply{status: status, html: true, outcome: "HTML", body: []byte("<html>\r\n<head><title>" + title +
			"</title></head>\r\n<body>\r\n<center><h1>" + title + "</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n")}
	case f.HeaderOnly: // the form of BEC/s/ml13ai4xr
		a = reply{status: cmp.Or(f.Status, http.StatusServiceUnavailable), requestID: requestID, outcome: "headers", header: http.Header{
			"X-Bce-Error-Code":    {f.Code},
			"X-Bce-Error-Message": {f.Message},
		}}
	default:
		status := http.StatusInternalServerError
		if f.Code == "" && f.RetryAfter != 0 {
			status = http.StatusTooManyRequests
		}
		refusal := Refusal{cmp.Or(f.Status, status), f.Code, f.Message}
		a = refusal.reply(requestID)
	}
	if f.RetryAfter > 0 {
		if a.header == nil {
			a.header = make(http.Header)
		}
		a.header.Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
	}
	return a
}
