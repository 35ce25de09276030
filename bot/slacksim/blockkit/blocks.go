package blockkit

// Blocks (/reference/block-kit/blocks) and the surfaces that take them.

// block is a record of a type with an identifier.
func block(kind string, fields ...field) *record {
	return element(kind, append([]field{may("block_id", blockID)}, fields...)...)
}

// Blocks of text and pictures.
var (
	section = block("section",
		may("text", text(3000)),
		may("fields", list{min: 1, max: 10, of: text(2000)}),
		may("accessory", accessories),
		may("expand", flag{}),
	).and(anyOf("text", "fields"))

	header = block("header",
		must("text", plain(150)),
		may("level", whole{1, 4}),
	)

	divider = block("divider")

	contextBlock = block("context", must("elements", list{min: 1, max: 10, of: contextElements}))

	markdown = block("markdown", must("text", chars{min: 1, max: maxMarkdown}))

	imageBlock = block("image",
		must("alt_text", chars{min: 1, max: 2000}),
		may("image_url", anyURL),
		may("slack_file", slackFile),
		may("title", plain(2000)),
	).and(exactlyOne("image_url", "slack_file"))

	video = block("video",
		must("alt_text", chars{min: 1, max: 200}),
		must("title", plain(200)),
		must("video_url", httpsURL),
		must("thumbnail_url", anyURL),
		may("title_url", httpsURL),
		may("description", plain(200)),
		may("author_name", chars{max: 50}),
		may("provider_name", chars{max: 50}),
		may("provider_icon_url", anyURL),
	)

	alert = block("alert",
		must("text", text(200)),
		may("level", word{"default", "info", "warning", "error", "success"}),
	)
)

// Blocks that people act on.
var (
	actions        = block("actions", must("elements", list{min: 1, max: 25, of: actionElements}))
	contextActions = block("context_actions", must("elements", list{min: 1, max: 5, of: contextActionsElements}))

	inputBlock      = inputOf(inputElements)
	modalInputBlock = inputOf(modalInputElements).and(silentFileInput)
)

func inputOf(elements variants) *record {
	return block("input",
		must("label", plain(2000)),
		must("element", elements),
		may("hint", plain(2000)),
		may("optional", flag{}),
		may("dispatch_action", flag{}),
	)
}

// silentFileInput refuses a file input that dispatches actions, in the way the page
// of the block announces.
func silentFileInput(c *checker, n *node) {
	element := n.member("element")
	if n.isTrue("dispatch_action") && element.str("type") == "file_input" {
		c.member("element", func() {
			c.member("type", func() { c.report(element.member("type"), "unsupported type: file_input") })
		})
	}
}

// Blocks of other blocks. Texts of cards are text objects, titles of plans and task
// cards are strings: the pages say otherwise, the validator does not.
var (
	card = block("card",
		may("hero_image", image),
		may("icon", image),
		may("slack_icon", slackIcon),
		may("title", text(150)),
		may("subtitle", text(150)),
		may("body", text(200)),
		may("subtext", text(200)),
		may("actions", list{min: 1, max: 3, of: variants{"button": button}}),
	).and(all(anyOf("hero_image", "title", "actions", "body"), oneIcon))

	carousel = block("carousel", must("elements", list{min: 1, max: 10, of: variants{"card": card}}))

	container = block("container",
		may("title", plain(150)),
		may("rich_text_title", richText),
		may("subtitle", text(150)),
		may("icon", image),
		may("width", word{"narrow", "standard", "wide", "full"}),
		may("is_collapsible", flag{}),
		may("default_collapsed", flag{}),
		may("has_header_divider", flag{}),
		must("child_blocks", list{min: 1, max: 10, of: containerChildren}),
	).and(all(anyOf("title", "rich_text_title"), collapsible))

	// The page also lists file, input and rich_text; the validator was seen to
	// refuse them (slack-morphism 2.31, SlackContainerBlock).
	containerChildren = variants{
		"actions": actions,
		"context": contextBlock,
		"divider": divider,
		"header":  header,
		"image":   imageBlock,
		"section": section,
		"table":   table,
		"video":   video,
	}

	taskCard = block("task_card", append(task, may("status", word{"in_progress", "complete", "error"}))...)

	// Only within a plan may a task be pending, and its type be left out.
	plannedTask = &record{fields: append([]field{
		may("type", word{"task_card"}),
		may("block_id", blockID),
		may("status", word{"pending", "in_progress", "complete", "error"}),
	}, task...)}

	task = []field{
		must("task_id", chars{min: 1}),
		must("title", chars{min: 1}),
		may("details", richText),
		may("output", richText),
		may("sources", list{of: urlSource}),
	}

	plan = block("plan",
		must("title", chars{min: 1}),
		may("tasks", list{max: 50, of: plannedTask}),
	)
)

func oneIcon(c *checker, n *node) {
	if n.member("icon") != nil && n.member("slack_icon") != nil {
		c.report(n, "must define only one of `icon` and `slack_icon`") // wording: ours
	}
}

func collapsible(c *checker, n *node) {
	if n.isTrue("default_collapsed") && !n.isTrue("is_collapsible") {
		c.member("default_collapsed", func() {
			c.report(n.member("default_collapsed"), "requires `is_collapsible`") // wording: ours
		})
	}
}

// blocksOn lists the blocks of each surface. Newer pages also name App Home for
// table, data_table, data_visualization and container, and messages for input; until
// that is verified, these are refused there. The block "file" is on no surface: apps
// meet it in messages of others but cannot send it
// (/reference/block-kit/blocks/file-block).
var blocksOn = map[Surface]variants{
	Message: withLayout(join(everywhere, variants{
		"carousel":           carousel,
		"container":          container,
		"context_actions":    contextActions,
		"data_table":         dataTable,
		"data_visualization": dataVisualization,
		"markdown":           markdown,
		"plan":               plan,
		"table":              table,
		"task_card":          taskCard,
	})),
	Modal: withLayout(join(everywhere, variants{
		"input": modalInputBlock,
		"alert": alert,
	})),
	Home: withLayout(join(everywhere, variants{
		"input":    inputBlock,
		"carousel": carousel,
	})),
}

// withLayout adds the block that arranges the others of a surface in rows of items
// (/reference/block-kit/blocks/layout-block). Which of them it takes is not on the
// page; the lists are those of slack-go 0.35 (LayoutBlock.Validate).
func withLayout(surface variants) variants {
	pick := func(kinds ...string) variants {
		some := variants{}
		for _, kind := range kinds {
			if r := surface[kind]; r != nil {
				some[kind] = r
			}
		}
		return some
	}
	stable := []string{"context", "divider", "header", "image", "rich_text", "section", "table", "video"}
	item := &record{fields: []field{
		must("block", pick(append(stable, "actions", "alert", "card", "carousel", "container", "data_table", "data_visualization", "input")...)),
		may("width", word{"narrow", "standard", "wide"}),
		may("horizontal_alignment", word{"start", "center", "end"}),
	}}
	row := &record{fields: []field{must("items", list{min: 1, max: 3, of: item})}}
	return join(surface, variants{"layout": block("layout",
		must("label", chars{min: 1, max: 150}),
		must("rows", list{min: 1, max: 5, of: row}),
		may("is_label_visible", flag{}),
		may("grid_lines", word{"none", "rows", "outer"}),
		may("fallback", list{of: pick(stable...)}),
	)})
}

var everywhere = variants{
	"actions":   actions,
	"card":      card,
	"context":   contextBlock,
	"divider":   divider,
	"header":    header,
	"image":     imageBlock,
	"rich_text": richText,
	"section":   section,
	"video":     video,
}
