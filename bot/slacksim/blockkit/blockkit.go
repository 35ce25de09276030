// Package blockkit decides whether Slack would take a piece of Block Kit JSON,
// and shows it as plain text. The simulated workspace uses it to refuse what the
// real one refuses, with the sentences Slack puts in response_metadata.messages.
//
// # Model
//
// JSON is decoded once into nodes that keep document order (reader.go, node.go).
// What Slack takes is written down as data: a rule for every value (rule.go),
// put together to composition objects (text.go), elements (elements.go,
// inputs.go), rich text (richtext.go), tables and charts (tables.go, charts.go)
// and finally blocks with the surfaces they may stand on (blocks.go) and views
// (view.go). One walk over the nodes reports every broken rule. Rules across
// blocks, such as unique identifiers or one table per message, are a second and
// shorter walk (payload.go).
//
// # Where the facts come from
//
// Limits and fields: the pages below https://docs.slack.dev/reference/block-kit
// and the package @slack/types 3.2.0. The wording of problems: Slack's own
// validator generator, repository slackhq/hack-json-schema, and error messages
// seen in public issue threads. The format of problems: /reference/methods/blocks.validate
// and /reference/methods/chat.postMessage. Sentences for rules whose original
// wording is unknown are ours; each is marked where it stands.
//
// # Invariants
//
//   - Characters are Unicode code points, not bytes and not UTF-16 units: the
//     validator generator measures strings with mb_strlen.
//   - A field that no page mentions is refused, as Slack does.
//   - Where sources differ, the stricter one counts: what passes here must pass
//     there, even if something that Slack would take is refused. The sizes of data
//     tables and the surfaces of some blocks are such cases.
//   - All problems are reported, in document order. Slack is terser (a missing
//     field hides the other faults of its object) and adds "failed to match all
//     allowed schemas" for the enclosing object, which says nothing and is left out.
//   - Check, CheckView, PlainText and PlainMrkdwn are pure and safe for concurrent
//     use. The rules are package variables that nothing ever changes.
//
// What needs the world outside the JSON is not checked: whether an image can be
// fetched, an unfurl domain is registered, or a user, channel or file exists.
package blockkit

import "encoding/json"

// Surface is a place in Slack that shows blocks.
type Surface string

// The surfaces. Which blocks each one takes is listed in blocks.go.
const (
	Message Surface = "message"
	Modal   Surface = "modal"
	Home    Surface = "home"
)

// Limits of whole payloads (/reference/block-kit/blocks). The length of a message is
// undocumented: bolt-js issues 2509 and 2867 saw refusals from about 13,200
// rendered characters on.
const (
	maxMessageBlocks   = 50
	maxViewBlocks      = 100
	maxMessageRendered = 13_200
)

// Problem is one reason for which Slack refuses a payload.
type Problem struct {
	// Code is what the Web API answers as "error": invalid_blocks,
	// invalid_blocks_format, msg_blocks_too_long or only_one_table_allowed for
	// messages, invalid_arguments or view_too_large for views. Where problems of
	// several codes were found, the first is as good as any.
	Code string
	// Message says what is wrong, in Slack's words where they are known.
	Message string
	// Pointer is the JSON pointer of the offending value in the request, such as
	// /blocks/0/text/text or /view/blocks/3/elements.
	Pointer string
}

// String returns the problem as Slack lists it in response_metadata.messages:
// "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]".
func (p Problem) String() string {
	return "[ERROR] " + p.Message + " [json-pointer:" + p.Pointer + "]"
}

// Check returns everything Slack would object to in blocks on a surface, in
// document order; nil means that Slack would take them. Pointers start at /blocks
// for [Message] and at /view/blocks for the surfaces of views.
//
// Nothing at all, null and an empty array are all "no blocks" and fine: clients
// send each of them. A surface that is none of the constants takes no block.
func Check(surface Surface, blocks json.RawMessage) []Problem {
	if len(blocks) == 0 {
		return nil
	}
	c := &checker{code: "invalid_blocks"}
	if surface != Message {
		c.code = "invalid_arguments"
		c.path = append(c.path, step{name: "view"})
	}
	c.path = append(c.path, step{name: "blocks"})

	doc, ok := decode(blocks)
	switch {
	case ok && doc.kind == jsonNull:
		return nil
	case !ok || doc.kind != jsonArray:
		if surface == Message {
			c.code = "invalid_blocks_format"
		}
		c.report(doc, "must provide an array")
		return c.problems()
	}
	c.checkBlocks(surface, doc)
	if surface == Message {
		c.checkRendered(doc, len(blocks))
	}
	return c.problems()
}

// checkBlocks checks a list of blocks, each alone and all together.
func (c *checker) checkBlocks(surface Surface, blocks *node) {
	limit := maxViewBlocks
	if surface == Message {
		limit = maxMessageBlocks
	}
	list{max: limit, of: blocksOn[surface]}.check(c, blocks)
	p := &payload{checker: c, surface: surface}
	p.check(blocks.kids)
	if len(blocks.kids) <= limit && len(blocks.kids)+p.nested > limit {
		c.report(blocks, "no more than %d items allowed", limit)
	}
}

// checkRendered holds a message against the length Slack allows in all. size is
// that of the JSON in bytes. Rendering never makes text longer than the JSON of valid
// blocks, so that a short message need not be rendered to be known as short enough.
func (c *checker) checkRendered(blocks *node, size int) {
	if size <= maxMessageRendered {
		return
	}
	if renderedLength(blocks) > maxMessageRendered {
		c.reportAs("msg_blocks_too_long", nil, "must be less than %d characters", maxMessageRendered+1)
	}
}
