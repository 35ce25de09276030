package blockkit

// Charts (/reference/block-kit/blocks/data-visualization-block). The page allows 6
// segments and series in one version and 12 in a later one; Slack takes 12.

const (
	maxSegments   = 12
	maxSeries     = 12
	maxCategories = 20
	maxCharts     = 2 // in a message; undocumented, vercel/chat issue 696
)

var chartLabel = chars{min: 1, max: 20}

var dataVisualization = block("data_visualization",
	must("title", chars{min: 1, max: 50}),
	must("chart", variants{
		"pie": element("pie",
			must("segments", list{min: 1, max: maxSegments, of: &record{fields: []field{
				must("label", chartLabel),
				must("value", decimal{positive: true}),
			}}}),
		),
		"bar":  plot("bar"),
		"line": plot("line"),
		"area": plot("area"),
	}),
)

// plot is a chart with axes.
func plot(kind string) *record {
	return element(kind,
		must("series", list{min: 1, max: maxSeries, of: &record{fields: []field{
			must("name", chartLabel),
			must("data", list{min: 1, max: maxCategories, of: &record{fields: []field{
				must("label", chartLabel),
				must("value", decimal{}),
			}}}),
		}}}),
		must("axis_config", &record{fields: []field{
			must("categories", list{min: 1, max: maxCategories, of: chartLabel}),
			may("x_label", chars{max: 50}),
			may("y_label", chars{max: 50}),
		}}),
	).and(all(distinctCategories, distinctNames, pointPerCategory))
}

// distinctCategories wants no category twice.
func distinctCategories(c *checker, chart *node) {
	axes := chart.member("axis_config")
	categories := axes.elements("categories")
	seen := make(map[string]bool, len(categories))
	for _, category := range categories {
		seen[category.text] = true
	}
	if len(seen) < len(categories) {
		c.member("axis_config", func() {
			c.member("categories", func() { c.report(axes.member("categories"), "Input contains duplicate items") })
		})
	}
}

// distinctNames wants no two series of one name. Wording: ours.
func distinctNames(c *checker, chart *node) {
	var names identifiers
	eachSeries(c, chart, func(series *node) {
		if name := series.str("name"); !names.claim(name) {
			c.member("name", func() { c.report(series.member("name"), "duplicate series name: %s", name) })
		}
	})
}

// pointPerCategory wants every series to have one point for each category and none
// besides. Wordings: ours.
func pointPerCategory(c *checker, chart *node) {
	categories := chart.member("axis_config").elements("categories")
	if len(categories) == 0 {
		return // reported where its own rule is broken, as is a series without data
	}
	eachSeries(c, chart, func(series *node) {
		if data := series.member("data"); data == nil || data.kind != jsonArray {
			return
		}
		left := map[string]bool{} // known categories; true: without a point so far
		for _, category := range categories {
			left[category.text] = true
		}
		points := series.elements("data")
		c.member("data", func() {
			for i := range points {
				label := points[i].str("label")
				missing, known := left[label]
				left[label] = false
				switch {
				case label == "": // likewise
				case !known:
					c.element(i, func() { c.report(&points[i], "label must be one of the categories: %s", label) })
				case !missing:
					c.element(i, func() { c.report(&points[i], "duplicate data point: %s", label) })
				}
			}
			for _, category := range categories {
				if left[category.text] {
					c.report(series.member("data"), "missing data point: %s", category.text)
				}
			}
		})
	})
}

// eachSeries calls f for every series of a chart, with the path leading there.
func eachSeries(c *checker, chart *node, f func(*node)) {
	series := chart.elements("series")
	c.member("series", func() {
		for i := range series {
			c.element(i, func() { f(&series[i]) })
		}
	})
}
