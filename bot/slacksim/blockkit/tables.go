package blockkit

import "unicode/utf8"

// Tables (/reference/block-kit/blocks/table-block and /data-table-block).

const (
	maxColumns        = 20
	maxTableRows      = 100
	maxDataTableRows  = 101    // with the header; a newer page says 201
	maxCellCharacters = 10_000 // of all cells in a message; a newer page says 20,000 for data_table
)

var (
	rawText   = element("raw_text", must("text", chars{min: 1}))
	rawNumber = element("raw_number", must("value", decimal{}), may("text", chars{min: 1}))

	cells = variants{"raw_text": rawText, "raw_number": rawNumber, "rich_text": richText}

	table = block("table",
		must("rows", list{min: 1, max: maxTableRows, of: list{min: 1, max: maxColumns, of: cells}}),
		may("column_settings", list{max: maxColumns, of: nullable{&record{fields: []field{
			may("align", word{"left", "center", "right"}),
			may("is_wrapped", flag{}),
		}}}}),
	).and(noEmptyCell)

	dataTable = block("data_table",
		must("caption", chars{min: 1}),
		must("rows", list{min: 2, max: maxDataTableRows, of: list{min: 1, max: maxColumns, of: cells}}),
		may("page_size", whole{1, 100}),
		may("row_header_column_index", whole{0, anySize}),
	).and(all(noEmptyCell, evenRows, plainHeader, headerColumnExists))
)

// eachCell calls f for every cell of a table, with the path leading there.
func eachCell(c *checker, table *node, f func(row, column int, cell *node)) {
	rows := table.elements("rows")
	c.member("rows", func() {
		for i := range rows {
			c.element(i, func() {
				for j := range rows[i].kids {
					c.element(j, func() { f(i, j, &rows[i].kids[j]) })
				}
			})
		}
	})
}

// noEmptyCell refuses rich text that shows nothing; that raw cells say something is
// in their own rules.
func noEmptyCell(c *checker, table *node) {
	eachCell(c, table, func(_, _ int, cell *node) {
		if cell.str("type") == "rich_text" && cellText(cell) == "" {
			c.report(cell, "must be more than 0 characters")
		}
	})
}

// evenRows wants all rows to be as long as the header. Wording: ours.
func evenRows(c *checker, table *node) {
	rows := table.elements("rows")
	c.member("rows", func() {
		for i := range rows {
			if want := len(rows[0].kids); len(rows[i].kids) != want {
				c.element(i, func() { c.report(&rows[i], "must provide %d items as the first row does", want) })
			}
		}
	})
}

// plainHeader refuses rich text in the header of a data table.
func plainHeader(c *checker, table *node) {
	eachCell(c, table, func(row, _ int, cell *node) {
		if row == 0 && cell.str("type") == "rich_text" {
			c.member("type", func() { c.report(cell.member("type"), "unsupported type: rich_text") })
		}
	})
}

// headerColumnExists wants row_header_column_index to be that of a column.
func headerColumnExists(c *checker, table *node) {
	rows, index := table.elements("rows"), table.member("row_header_column_index")
	if index == nil || len(rows) == 0 {
		return
	}
	if last := len(rows[0].kids) - 1; table.count("row_header_column_index") > last {
		c.member("row_header_column_index", func() { c.report(index, "must be less than %d", last) })
	}
}

// cellCharacters counts the characters in all cells of a table.
func cellCharacters(table *node) int {
	count := 0
	rows := table.elements("rows")
	for i := range rows {
		for j := range rows[i].kids {
			count += utf8.RuneCountInString(cellText(&rows[i].kids[j]))
		}
	}
	return count
}
