package qianfan

import (
	"bytes"
	"fmt"
	"strconv"
)

// objections are the members of an answer, or of a part of it, that say that the
// list beside them is not all there is. None of them is documented for this API;
// other actions of the platform, and gateways, write them (DescribeServices has
// pageInfo, WENXINWORKSHOP/s/0lub6chm4).
type objections struct {
	Success     anything `json:"success"`
	Error       anything `json:"error"`
	Errors      anything `json:"errors"`
	IsTruncated anything `json:"isTruncated"`
	Truncated   anything `json:"truncated"`
	HasMore     anything `json:"hasMore"`
	NextMarker  anything `json:"nextMarker"`
	NextToken   anything `json:"nextToken"`
	Total       anything `json:"total"`
	TotalCount  anything `json:"totalCount"`
}

// anything keeps a JSON value as it came.
type anything []byte

// UnmarshalJSON never fails.
func (a *anything) UnmarshalJSON(data []byte) error {
	*a = bytes.Clone(data)
	return nil
}

// says reports whether the value is there and is none of those that mean nothing.
func (a anything) says() bool {
	switch string(a) {
	case "", "null", "false", `"false"`, `""`, "0", `"0"`, "{}", "[]":
		return false
	}
	return true
}

// number reads a whole number, also from a string.
func (a anything) number() int {
	n, err := strconv.Atoi(string(bytes.Trim(a, `"`)))
	if err != nil {
		return 0
	}
	return n
}

// objection names what says that a list of n is not complete; "" when nothing does.
func (o *objections) objection(n int) string {
	if o == nil {
		return ""
	}
	if len(o.Success) > 0 && !o.Success.says() && string(o.Success) != "null" {
		return "success is " + excerptOf(o.Success)
	}
	for _, member := range []struct {
		name  string
		value anything
	}{
		{"error", o.Error}, {"errors", o.Errors}, {"isTruncated", o.IsTruncated}, {"truncated", o.Truncated},
		{"hasMore", o.HasMore}, {"nextMarker", o.NextMarker}, {"nextToken", o.NextToken},
	} {
		if member.value.says() {
			return member.name + " is " + excerptOf(member.value)
		}
	}
	for _, total := range []anything{o.Total, o.TotalCount} {
		if total.number() > n {
			return fmt.Sprintf("there are %d, and %d are listed", total.number(), n)
		}
	}
	return ""
}

// objection names what in the answer says that its list is not complete.
func (a *answer) objection() string {
	rows := *a.Result.Instances
	for _, part := range []*objections{&a.objections, &a.Result.objections, a.Result.Page} {
		if why := part.objection(len(rows)); why != "" {
			return why
		}
	}
	for _, code := range []word{a.Result.Code, a.Result.ErrorCode} {
		if code != "" && code != "0" {
			return "the result has the code " + string(code)
		}
	}
	for i := range rows {
		if rows[i] == (row{}) {
			return fmt.Sprintf("instance %d of %d has nothing that is known", i+1, len(rows))
		}
	}
	return ""
}
