package qianfan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// This file decides whether a list of instances is all there is. Nothing that is
// looked for here is documented for this API: other actions of the platform write
// it (DescribeServices has pageInfo, WENXINWORKSHOP/s/0lub6chm4), gateways do, and
// the API may tomorrow. Names are compared without regard to case, "_" and "-".

// denials are members that may not be false, and doubts those that may say
// nothing at all, or success. Totals are what the list may not be shorter than.
var (
	denials = []string{"success", "succeed", "succeeded", "issuccess"}
	doubts  = []string{
		"error", "errors", "errorcode", "errcode", "errno", "errormessage", "errormsg", "errmsg",
		"istruncated", "truncated", "incomplete", "partial", "hasmore", "hasnext", "hasnextpage",
		"marker", "nextmarker", "nexttoken", "nextpagetoken", "nextcursor",
	}
	totals = []string{"total", "totalcount", "totalnum", "totalsize", "totalelements", "totalrecords", "count"}
	// instanceMarks are what only an instance has.
	instanceMarks = []string{"instanceid", "expiredtime", "paymenttiming"}
)

// maxDepth is how deep in an answer is looked: an envelope, the result, and what
// describes its page.
const maxDepth = 4

// objection names what in an answer says that its list is not complete; "" when
// nothing does. It must not be called without a list.
func (a *answer) objection(status int, body []byte) string {
	rows := *a.Result.Instances
	if status == http.StatusPartialContent {
		return "HTTP 206 is a part"
	}
	for i := range rows {
		if rows[i] == (row{}) {
			return fmt.Sprintf("instance %d of %d has nothing that is known", i+1, len(rows))
		}
	}
	return objectionIn(body, len(rows), "")
}

// objectionIn looks into an object and what it holds, except for the list itself,
// which has n instances. path has the names that lead to the object.
func objectionIn(object json.RawMessage, n int, path string) string {
	depth := strings.Count(path, "/")
	seen := make(map[string]bool)
	for _, m := range membersOf(object) {
		name := plainName(m.name)
		if seen[name] { // which of the two was read?
			return m.name + " is there twice"
		}
		seen[name] = true
		if path == "/result" && name == "instances" {
			continue
		}
		if why := m.objection(name, n, depth); why != "" {
			return why
		}
		if m.value[0] == '{' && depth+1 < maxDepth {
			if why := objectionIn(m.value, n, path+"/"+strings.ReplaceAll(name, "/", "")); why != "" {
				return why
			}
		}
	}
	return ""
}

// member is one of a JSON object, with its value as it came.
type member struct {
	name  string
	value json.RawMessage
}

// membersOf returns all of an object, repeated ones too, as encoding/json does
// not; none of anything else. The text must be valid.
func membersOf(object json.RawMessage) (all []member) {
	d := json.NewDecoder(bytes.NewReader(object))
	if first, err := d.Token(); err != nil || first != json.Delim('{') {
		return nil
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return all
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return all
		}
		all = append(all, member{name.(string), value})
	}
	return all
}

func plainName(name string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))
}

// objection names what the member says against a list of n. Of those beside
// the result the codes are read elsewhere.
func (m member) objection(name string, n, depth int) string {
	says := fmt.Sprintf("%s is %s", m.name, excerptOf(m.value))
	switch {
	case slices.Contains(denials, name) && m.denies(),
		slices.Contains(doubts, name) && !m.harmless(),
		name == "code" && depth > 0 && !m.harmless(),
		(name == "status" || name == "state") && m.fails():
		return says
	case slices.Contains(totals, name) && m.number() > float64(n):
		return fmt.Sprintf("%s, and %d are listed", says, n)
	case slices.Contains(instanceMarks, name):
		return m.name + " stands outside of the list"
	case m.value[0] == '[':
		return m.otherList(n)
	}
	return ""
}

// otherList finds instances in a list under another name: objects that look like
// them, or any beside an empty list.
func (m member) otherList(n int) string {
	var elements []json.RawMessage
	if json.Unmarshal(m.value, &elements) != nil {
		return ""
	}
	for _, e := range elements {
		for _, inside := range membersOf(e) {
			if n == 0 || slices.Contains(instanceMarks, plainName(inside.name)) {
				return "a list with the name " + m.name
			}
		}
	}
	return ""
}

// word is the value in lower case, without quotation marks.
func (m member) word() string { return strings.ToLower(strings.Trim(string(m.value), `"`)) }

func (m member) denies() bool { return slices.Contains([]string{"false", "0", "no"}, m.word()) }

// fails reports whether a word for a state is one for a failure.
func (m member) fails() bool {
	return slices.Contains([]string{"error", "fail", "failed", "failure"}, m.word())
}

// harmless reports whether the value means nothing, or success.
func (m member) harmless() bool {
	return slices.Contains([]string{"", "null", "false", "0", "200", "ok", "success", "{}", "[]"}, m.word())
}

// number reads a number, also from a string; 0 when there is none.
func (m member) number() float64 {
	n, err := strconv.ParseFloat(m.word(), 64)
	if err != nil {
		return 0
	}
	return n
}
