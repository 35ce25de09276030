package qianfan

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// answer is everything the bodies of this API are known to hold: the result,
// and both forms of a refusal.
type answer struct {
	RequestID word    `json:"requestId"`
	Result    *result `json:"result"`

	Code    word `json:"code"`
	Message word `json:"message"`
	// The platform's older half (WENXINWORKSHOP/s/hlzic283e), also with HTTP 200.
	ErrorCode    word `json:"error_code"`
	ErrorMessage word `json:"error_msg"`
	Msg          word `json:"msg"`
}

// result tells a list that is missing or null from one that is empty.
type result struct {
	Instances *[]row `json:"instances"`
}

// row is one instance. Its fields accept anything, so that rubbish in one of
// them costs neither the row nor its neighbours.
type row struct {
	ID       text    `json:"instanceId"`
	Timing   timing  `json:"paymentTiming"`
	Replicas count   `json:"replicasCount"`
	Status   status  `json:"status"`
	Start    instant `json:"startTime"`
	Expires  instant `json:"expiredTime"`
}

// decodeAnswer reads a body. Even with an error it returns what could be read
// before it: a refusal cut short still tells its code.
func decodeAnswer(body []byte) (answer, error) {
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return salvage(body), err
	}
	return a, nil
}

// salvage reads the words of a body up to where it breaks. There is no result
// in what it returns: half a list would look like a whole one.
func salvage(body []byte) answer {
	var a answer
	fields := map[string]*word{
		"requestId": &a.RequestID, "code": &a.Code, "message": &a.Message,
		"error_code": &a.ErrorCode, "error_msg": &a.ErrorMessage, "msg": &a.Msg,
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if first, err := d.Token(); err != nil || first != json.Delim('{') {
		return a
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			break
		}
		name, _ := key.(string)
		field := fields[name]
		if field == nil {
			field = new(word)
		}
		if d.Decode(field) != nil {
			break
		}
	}
	return a
}

// instances converts the rows and says in words which of their fields could
// not be read. It must not be called without a list.
func (a *answer) instances() (all []Instance, unread []string) {
	rows := *a.Result.Instances
	all = make([]Instance, len(rows))
	for i := range rows {
		r := &rows[i]
		all[i] = Instance{
			ID:                 r.ID.value,
			Timing:             r.Timing.value,
			Replicas:           r.Replicas.value,
			Status:             r.Status.value,
			Start:              r.Start.value,
			Expires:            r.Expires.value,
			ExpiresRaw:         r.Expires.unread,
			ExpiresAssumedZone: r.Expires.assumedZone,
		}
		for _, field := range []struct{ name, unread string }{
			{"instanceId", r.ID.unread},
			{"paymentTiming", r.Timing.unread},
			{"replicasCount", r.Replicas.unread},
			{"status", r.Status.unread},
			{"startTime", r.Start.unread},
			{"expiredTime", r.Expires.unread},
		} {
			if field.unread != "" {
				unread = append(unread, fmt.Sprintf("%s %q of instance %q", field.name, field.unread, r.ID.value))
			}
		}
		if r.ID.value == "" && r.ID.unread == "" {
			unread = append(unread, fmt.Sprintf("instance %d of %d has no instanceId", i+1, len(rows)))
		}
	}
	return all, unread
}

// refusal returns the code and the message of either form. Zero is the older
// half's word for success.
func (a *answer) refusal() (code, message string) {
	for _, c := range []word{a.Code, a.ErrorCode} {
		if c != "" && c != "0" {
			code = string(c)
			break
		}
	}
	for _, m := range []word{a.Message, a.ErrorMessage, a.Msg} {
		if m != "" {
			message = string(m)
			break
		}
	}
	return code, message
}
