package qianfantest

import (
	"encoding/json"
	"mime"
	"net/http"
	"slices"
)

// question is the body of a request.
type question struct{ serviceID, timing string }

// parseQuestion reads a body as strictly as it is documented
// (qianfan-api/s/9mwbl2jxf). Fields that are not known are ignored, as the
// platform's description of InappropriateJSON demands.
func parseQuestion(body []byte) (q question, refusal *Refusal) {
	inappropriate := &Refusal{http.StatusBadRequest, "InappropriateJSON",
		"The JSON you provided was well-formed and valid, but not appropriate for this operation."}
	if !json.Valid(body) {
		return q, &Refusal{http.StatusBadRequest, "MalformedJSON", "The JSON you provided was not well-formed."}
	}
	var fields map[string]json.RawMessage // a map, since struct fields would match in any case
	if json.Unmarshal(body, &fields) != nil || !isString(fields["serviceId"], &q.serviceID) || q.serviceID == "" {
		return q, inappropriate
	}
	if raw, ok := fields["paymentTiming"]; ok {
		if !isString(raw, &q.timing) || !slices.Contains([]string{"Prepaid", "Postpaid"}, q.timing) {
			return q, inappropriate
		}
	}
	return q, nil
}

// isString reads a JSON value that must be a string; null is none.
func isString(raw json.RawMessage, s *string) bool {
	return len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, s) == nil
}

// route refuses what is not the one action this server has. The same Action
// on another path is another action.
func (s *Server) route(r *http.Request) *Refusal {
	switch {
	case r.URL.Path != s.Prefix+"/v2/serviceresources", r.URL.Query().Get("Action") != "DescribeComputeUnits":
		return &Refusal{http.StatusNotFound, "InvalidVersion", "The API version specified was invalid."}
	case r.Method != http.MethodPost:
		return &Refusal{http.StatusBadRequest, "InvalidHTTPRequest", "There was an error in the method of your HTTP request."}
	}
	return nil
}

// checkForm refuses a body that does not say it is JSON. The documented
// request says so; whether the original insists is not known.
func checkForm(r *http.Request) *Refusal {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return &Refusal{http.StatusBadRequest, "InvalidHTTPRequest", "There was an error in the body of your HTTP request."}
	}
	return nil
}
