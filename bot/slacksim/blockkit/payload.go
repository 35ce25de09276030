package blockkit

import "unicode/utf8"

const maxMarkdown = 12_000 // characters of all markdown blocks of a message (/reference/block-kit/blocks/markdown-block)

// payload checks what no block can know alone: that identifiers are unique and what
// a message may hold in all.
type payload struct {
	*checker
	surface Surface

	blockIDs  identifiers
	focused   bool // an element with focus_on_load was seen
	tables    int
	charts    int
	markdown  int // characters so far
	cellChars int // characters so far
	nested    int // blocks within layouts so far
}

// check walks a list of blocks and the blocks within them.
func (p *payload) check(blocks []node) {
	for i := range blocks {
		p.element(i, func() { p.block(&blocks[i]) })
	}
}

func (p *payload) block(n *node) {
	p.uniqueBlockID(n)
	p.uniqueActionIDs(n)
	if inner := innerBlocks(n); inner != "" {
		p.member(inner, func() { p.check(n.elements(inner)) })
	}
	if n.str("type") == "layout" {
		p.layout(n)
	}
	if p.surface == Message {
		p.measure(n)
	}
}

// layout checks the blocks within a layout, which count against the limit of the
// surface like others.
func (p *payload) layout(n *node) {
	rows := n.elements("rows")
	p.member("rows", func() {
		for i := range rows {
			items := rows[i].elements("items")
			p.element(i, func() {
				p.member("items", func() {
					for j := range items {
						p.element(j, func() {
							p.nested++
							p.member("block", func() {
								if b := items[j].member("block"); b != nil {
									p.block(b)
								}
							})
						})
					}
				})
			})
		}
	})
}

// layoutItems are the blocks within a layout.
func layoutItems(n *node) (blocks []*node) {
	for i := range n.elements("rows") {
		items := n.elements("rows")[i].elements("items")
		for j := range items {
			if b := items[j].member("block"); b != nil {
				blocks = append(blocks, b)
			}
		}
	}
	return blocks
}

// innerBlocks names the member of a block that holds other blocks, "" if none does.
// The rich text of tasks has identifiers too, but Slack's own example repeats them.
func innerBlocks(n *node) string {
	switch n.str("type") {
	case "container":
		return "child_blocks"
	case "carousel":
		return "elements"
	case "plan":
		return "tasks"
	}
	return ""
}

// uniqueBlockID refuses a block_id that another block has. Wording: ours.
func (p *payload) uniqueBlockID(n *node) {
	if id := n.str("block_id"); !p.blockIDs.claim(id) {
		p.member("block_id", func() { p.report(n.member("block_id"), "duplicate block_id: %s", id) })
	}
}

// uniqueActionIDs refuses an action_id that another element of the block has.
// Wording: ours.
func (p *payload) uniqueActionIDs(n *node) {
	var ids identifiers
	visit := func(element *node) {
		p.soleFocus(element)
		if id := element.str("action_id"); !ids.claim(id) {
			p.member("action_id", func() { p.report(element.member("action_id"), "duplicate action_id: %s", id) })
		}
	}
	for _, name := range [...]string{"elements", "actions"} {
		elements := n.elements(name)
		p.member(name, func() {
			for i := range elements {
				p.element(i, func() { visit(&elements[i]) })
			}
		})
	}
	for _, name := range [...]string{"accessory", "element"} {
		p.member(name, func() { visit(n.member(name)) })
	}
}

// identifiers are those in use; the zero value is ready.
type identifiers struct{ taken map[string]bool }

// claim tells whether an identifier was free, and takes it. "", which stands for
// none, always is.
func (ids *identifiers) claim(id string) bool {
	if id == "" {
		return true
	}
	if ids.taken[id] {
		return false
	}
	if ids.taken == nil {
		ids.taken = map[string]bool{}
	}
	ids.taken[id] = true
	return true
}

// soleFocus refuses a second element that wants the focus
// (/reference/block-kit/block-elements, focus_on_load). Wording: ours.
func (p *payload) soleFocus(element *node) {
	if !element.isTrue("focus_on_load") {
		return
	}
	if p.focused {
		p.member("focus_on_load", func() {
			p.report(element.member("focus_on_load"), "only one element can have focus_on_load")
		})
	}
	p.focused = true
}

// measure adds a block to what its message holds. Only what first goes beyond a
// limit is reported. Wordings for charts and cells: ours.
func (p *payload) measure(n *node) {
	switch n.str("type") {
	case "markdown":
		within := p.markdown <= maxMarkdown
		length := utf8.RuneCountInString(n.str("text"))
		p.markdown += length
		// A block that is too long by itself breaks its own rule.
		if within && p.markdown > maxMarkdown && length <= maxMarkdown {
			p.member("text", func() {
				p.report(n.member("text"), "must be less than %d characters in all markdown blocks", maxMarkdown+1)
			})
		}
	case "table":
		if p.tables++; p.tables == 2 {
			// Slack was seen to answer so for tables in attachments, with the error
			// invalid_attachments; that blocks have a code of their own is assumed.
			p.reportAs("only_one_table_allowed", n, "only_one_table_allowed")
		}
		p.measureCells(n)
	case "data_table":
		p.measureCells(n)
	case "data_visualization":
		if p.charts++; p.charts == maxCharts+1 {
			p.report(n, "no more than %d data_visualization blocks allowed", maxCharts)
		}
	}
}

func (p *payload) measureCells(table *node) {
	within := p.cellChars <= maxCellCharacters
	p.cellChars += cellCharacters(table)
	if within && p.cellChars > maxCellCharacters {
		p.member("rows", func() {
			p.report(table.member("rows"), "must be less than %d characters in all cells", maxCellCharacters+1)
		})
	}
}
