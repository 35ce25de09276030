package qianfantest

import (
	"encoding/json"
	"time"
)

// Form is another form of the right answer, such as an API has after a change, or
// behind a gateway: well-formed, with status 200, and useless. None of them is
// documented; all have been met at some API.
type Form string

// The forms.
const (
	RenamedList     Form = "a list under another name"
	RenamedFields   Form = "fields under other names"
	RowsOfText      Form = "rows that are ids alone"
	WithoutIDs      Form = "rows without ids"
	NullIDs         Form = "rows with ids of null"
	WithoutTimings  Form = "rows without payment timings"
	OtherTimings    Form = "payment timings in other words"
	WithoutExpiries Form = "rows without expiries"
	EpochExpiries   Form = "expiries in milliseconds"
	DateExpiries    Form = "expiries that are dates"
	NotASuccess     Form = "success false beside an empty list"
	NestedError     Form = "an error beside an empty list"
	Truncated       Form = "half a list, which says so"
	NextMarker      Form = "half a list with a marker of the next"
	ShortOfTotal    Form = "half a list below its total"
)

// Forms are all of them.
func Forms() []Form {
	return []Form{RenamedList, RenamedFields, RowsOfText, WithoutIDs, NullIDs, WithoutTimings, OtherTimings, WithoutExpiries,
		EpochExpiries, DateExpiries, NotASuccess, NestedError, Truncated, NextMarker, ShortOfTotal}
}

// reshape brings the body of an answer into the form; with "", and when it is no
// list of instances, it stays as it is.
func (a *reply) reshape(f Form) {
	var body struct {
		RequestID string         `json:"requestId"`
		Result    map[string]any `json:"result"`
		Success   *bool          `json:"success,omitempty"`
	}
	if f == "" || json.Unmarshal(a.body, &body) != nil || body.Result == nil {
		return
	}
	list, ok := body.Result["instances"].([]any)
	if !ok {
		return
	}
	half := list[:len(list)/2]
	switch f {
	case RenamedList:
		body.Result = map[string]any{"instances": []any{}, "computeUnits": list}
	case NotASuccess:
		body.Success, body.Result["instances"] = new(bool), []any{}
	case NestedError:
		body.Result = map[string]any{"instances": []any{}, "error": map[string]any{"code": "UpstreamTimeout"}}
	case Truncated:
		body.Result = map[string]any{"instances": half, "pageInfo": map[string]any{"isTruncated": true}}
	case NextMarker:
		body.Result = map[string]any{"instances": half, "nextMarker": "m-2"}
	case ShortOfTotal:
		body.Result = map[string]any{"instances": half, "totalCount": len(list) + 1}
	default:
		for i, one := range list {
			row, isRow := one.(map[string]any)
			if isRow {
				list[i] = reshapeRow(row, f)
			}
		}
	}
	if changed, err := json.Marshal(body); err == nil {
		a.body, a.outcome = changed, string(f)
	}
}

// reshapeRow brings one instance into the form.
func reshapeRow(row map[string]any, f Form) any {
	expires, _ := row["expiredTime"].(string)
	at, err := time.Parse(time.RFC3339, expires)
	switch f {
	case RowsOfText:
		return row["instanceId"]
	case RenamedFields:
		return map[string]any{"id": row["instanceId"], "billing": row["paymentTiming"], "replicas": row["replicasCount"],
			"state": row["status"], "from": row["startTime"], "until": row["expiredTime"]}
	case WithoutIDs:
		delete(row, "instanceId")
	case NullIDs:
		row["instanceId"] = nil
	case WithoutTimings:
		delete(row, "paymentTiming")
	case OtherTimings:
		row["paymentTiming"] = "Prepay"
	case WithoutExpiries:
		delete(row, "expiredTime")
	case EpochExpiries:
		if err == nil {
			row["expiredTime"] = at.UnixMilli()
		}
	case DateExpiries:
		if err == nil {
			row["expiredTime"] = at.Format(time.DateOnly)
		}
	}
	return row
}
