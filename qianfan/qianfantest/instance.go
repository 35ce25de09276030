package qianfantest

import (
	"encoding/json"
	"time"
)

// Instance is one instance as it goes over the wire. The fields take any JSON
// value, since the client must bear more than the documentation shows: a status
// as a number, a time that is "", "-", nil (null) or without a zone. A
// time.Time is written as the API does, in UTC and whole seconds; Absent leaves
// the field out.
type Instance struct {
	ID            string // instanceId
	PaymentTiming any    // "Prepaid" or "Postpaid"; a question for one of them finds it by this
	ReplicasCount any    // 5
	Status        any    // "Creating", "Running" or "Deleted"
	StartTime     any    // "2024-04-01T10:00:00Z"; "" while Creating
	ExpiredTime   any    // "2024-05-01T10:00:00Z"; "" while Creating
}

// Absent in a field of an Instance leaves the field out.
type Absent struct{}

// MarshalJSON writes the instance with the API's names, in its order
// (qianfan-api/s/9mwbl2jxf).
func (in Instance) MarshalJSON() ([]byte, error) {
	buf := []byte("{")
	for _, field := range []struct {
		name  string
		value any
	}{
		{"instanceId", in.ID},
		{"paymentTiming", in.PaymentTiming},
		{"replicasCount", in.ReplicasCount},
		{"status", in.Status},
		{"startTime", in.StartTime},
		{"expiredTime", in.ExpiredTime},
	} {
		switch v := field.value.(type) {
		case Absent:
			continue
		case time.Time:
			field.value = v.UTC().Format(timeFormat)
		}
		value, err := json.Marshal(field.value)
		if err != nil {
			return nil, err
		}
		if len(buf) > 1 {
			buf = append(buf, ',')
		}
		buf = append(append(append(buf, '"'), field.name...), `":`...)
		buf = append(buf, value...)
	}
	return append(buf, '}'), nil
}

// timeFormat is how the API writes instants and signatures.
const timeFormat = "2006-01-02T15:04:05Z"
