package blockkit

import "encoding/json"

// maxViewSize is the largest JSON of a view in bytes (/reference/views: 250 KB, read
// as the smaller of the two meanings).
const maxViewSize = 250_000

// views are the objects that views.open and views.publish take. What Slack adds
// when it returns a view (id, hash, state, ...) is refused like any other field.
var views = map[Surface]*record{
	Modal: view("modal",
		must("title", plain(24)),
		may("submit", plain(24)),
		may("close", plain(24)),
		may("clear_on_close", flag{}),
		may("notify_on_close", flag{}),
	).and(submittable),
	Home: view("home"),
}

func view(kind string, fields ...field) *record {
	surface := Surface(kind)
	return element(kind, append([]field{
		must("blocks", blockList{surface}),
		may("private_metadata", chars{max: 3000}),
		may("callback_id", chars{max: 255}),
		may("external_id", chars{max: 255}),
	}, fields...)...)
}

// blockList is the blocks of a view with the rules across them.
type blockList struct{ surface Surface }

func (r blockList) check(c *checker, n *node) {
	if n.kind != jsonArray {
		c.report(n, "must provide an array")
		return
	}
	c.checkBlocks(r.surface, n)
}

// submittable wants a submit button where there is something to submit.
func submittable(c *checker, n *node) {
	if n.member("submit") != nil {
		return
	}
	blocks := n.elements("blocks")
	for i := range blocks {
		if blocks[i].str("type") == "input" {
			c.report(n, "missing required field: submit")
			return
		}
	}
}

// CheckView returns everything Slack would object to in the view of a modal or of
// App Home, as the argument "view" of views.open or views.publish; nil means that
// Slack would take it. Pointers start at /view.
//
// The code of a problem is invalid_arguments, and view_too_large for JSON of more
// than 250,000 bytes.
func CheckView(view json.RawMessage) []Problem {
	c := &checker{code: "invalid_arguments", path: []step{{name: "view"}}}
	if doc, ok := decode(view); ok {
		variants{"modal": views[Modal], "home": views[Home]}.check(c, doc)
	} else {
		c.report(nil, "must provide an object")
	}
	if len(view) > maxViewSize {
		c.reportAs("view_too_large", nil, "must be less than %d bytes", maxViewSize+1) // wording: ours
	}
	return c.problems()
}
