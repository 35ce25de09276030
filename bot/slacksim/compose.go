package slacksim

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"computeunits/bot/slacksim/blockkit"
)

// Limits of a message's content in characters, unless said otherwise
// (https://docs.slack.dev/reference/methods/chat.postMessage and
// /changelog/2018-truncating-really-long-messages).
const (
	maxText        = 40_000 // longer text is cut
	maxMarkdown    = 12_000
	maxUpdateText  = 4_000 // bytes after escaping, as several tools report
	maxAttachments = 100
	maxMetadata    = 16 << 10 // bytes; the page gives no figure, SDK discussions this one
)

// content is what a message says, read from arguments and checked.
type content struct {
	text        string
	blocks      json.RawMessage // nil without any
	attachments json.RawMessage
	metadata    json.RawMessage
	truncated   bool
	unlabelled  bool // metadata was dropped for its event_type
}

// empty reports whether there is nothing to show.
func (c content) empty() bool {
	return strings.TrimSpace(c.text) == "" && c.blocks == nil && c.attachments == nil
}

// compose reads the content of a message from the arguments of a chat method,
// of a response URL or of an acknowledgement.
func compose(a arguments) (content, *apiError) {
	var c content
	var refused *apiError
	if c.text, refused = composeText(a); refused != nil {
		return c, refused
	}
	if n := utf8.RuneCountInString(c.text); n > maxText {
		c.text, c.truncated = string([]rune(c.text)[:maxText]), true
	}
	if c.blocks, refused = composeBlocks(a["blocks"]); refused != nil {
		return c, refused
	}
	if c.attachments, refused = composeAttachments(a["attachments"]); refused != nil {
		return c, refused
	}
	c.metadata, c.unlabelled, refused = composeMetadata(a["metadata"])
	return c, refused
}

func composeText(a arguments) (string, *apiError) {
	markdown := a["markdown_text"]
	switch {
	case markdown == "":
		return a["text"], nil
	case a["text"] != "" || a["blocks"] != "":
		return "", refuse("markdown_text_conflict")
	case utf8.RuneCountInString(markdown) > maxMarkdown:
		return "", refuse("msg_too_long")
	}
	return markdown, nil
}

// composeBlocks checks blocks; an empty array counts as none.
func composeBlocks(text string) (json.RawMessage, *apiError) {
	if text == "" {
		return nil, nil
	}
	blocks := json.RawMessage(text)
	problems := blockkit.Check(blockkit.Message, blocks)
	if len(problems) > 0 {
		return nil, blockProblems(problems[0].Code, problems)
	}
	if emptyArray(blocks) {
		return nil, nil
	}
	return blocks, nil
}

func emptyArray(data json.RawMessage) bool {
	var list []json.RawMessage
	return json.Unmarshal(data, &list) == nil && len(list) == 0
}

func blockProblems(code string, problems []blockkit.Problem) *apiError {
	messages := make([]string, len(problems))
	errors := make([]string, len(problems))
	for i, p := range problems {
		messages[i] = p.String()
		errors[i] = strings.TrimPrefix(messages[i], "[ERROR] ")
	}
	return &apiError{code: code, more: map[string]any{
		"errors":            errors,
		"response_metadata": map[string]any{"messages": messages},
	}}
}

// composeAttachments checks legacy attachments: their number and the blocks in
// them.
func composeAttachments(text string) (json.RawMessage, *apiError) {
	if text == "" {
		return nil, nil
	}
	var list []struct {
		Blocks json.RawMessage `json:"blocks"`
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, refuse("invalid_attachments")
	}
	if len(list) > maxAttachments {
		return nil, refuse("too_many_attachments")
	}
	for i, a := range list {
		if len(a.Blocks) == 0 || string(a.Blocks) == "null" {
			continue
		}
		problems := blockkit.Check(blockkit.Message, a.Blocks)
		for j := range problems {
			problems[j].Pointer = "/attachments/" + strconv.Itoa(i) + problems[j].Pointer
		}
		if len(problems) > 0 {
			return nil, blockProblems("invalid_attachments", problems)
		}
	}
	if len(list) == 0 {
		return nil, nil
	}
	return json.RawMessage(text), nil
}

// eventType is what Slack takes as the event_type of metadata; with any other
// characters the metadata is lost without a word (bolt-python #863).
var eventType = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// composeMetadata checks message metadata
// (https://docs.slack.dev/messaging/message-metadata). An empty object counts
// as none.
func composeMetadata(text string) (metadata json.RawMessage, dropped bool, refused *apiError) {
	if text == "" || text == "{}" {
		return nil, false, nil
	}
	var m struct {
		Type    *string         `json:"event_type"`
		Payload *map[string]any `json:"event_payload"`
	}
	err := json.Unmarshal([]byte(text), &m)
	switch {
	case err == nil && m.Type != nil && *m.Type == "" && m.Payload == nil:
		return nil, false, nil // what slack-go sends to a response_url for none
	case err != nil || m.Type == nil || m.Payload == nil:
		return nil, false, refuse("invalid_metadata_format")
	}
	if len(text) > maxMetadata {
		return nil, false, refuse("metadata_too_large")
	}
	for _, v := range *m.Payload {
		if !storable(v, true) {
			return nil, false, refuse("invalid_metadata_schema")
		}
	}
	if !eventType.MatchString(*m.Type) {
		return nil, true, nil
	}
	return json.RawMessage(text), false, nil
}

// storable reports whether a value may stand in event_payload: a scalar, a
// list, or an object of scalars (the types of @slack/types say so).
func storable(v any, nested bool) bool {
	switch v := v.(type) {
	case string, float64, bool:
		return true
	case []any:
		for _, e := range v {
			if !storable(e, nested) {
				return false
			}
		}
		return true
	case map[string]any:
		for _, e := range v {
			if !nested || !storable(e, false) {
				return false
			}
		}
		return true
	}
	return false
}

// label is metadata as it is shown without include_all_metadata: the payload
// is left out (python-slack-sdk #1501).
func label(metadata json.RawMessage) json.RawMessage {
	var m struct {
		Type string `json:"event_type"`
	}
	if err := json.Unmarshal(metadata, &m); err != nil { // checked when it was posted
		return nil
	}
	return encode(m)
}
