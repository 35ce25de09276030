package blockkit

// Rich text (/reference/block-kit/blocks/rich-text-block): a block of sections,
// lists, quotes and preformatted text, each of which holds inline elements.

var textStyle = &record{fields: []field{
	may("bold", flag{}),
	may("italic", flag{}),
	may("strike", flag{}),
	may("underline", flag{}),
	may("code", flag{}),
	may("highlight", flag{}),
	may("client_highlight", flag{}),
	may("unlink", flag{}),
}}

// inline is an element within a line of rich text.
func inline(kind string, fields ...field) *record {
	return element(kind, append([]field{may("style", textStyle)}, fields...)...)
}

var (
	inlineText = inline("text", must("text", chars{min: 1}))
	inlineLink = inline("link",
		must("url", chars{min: 1, format: address}),
		may("text", chars{}),
		may("unsafe", flag{}),
	)

	inlines = variants{
		"text":      inlineText,
		"link":      inlineLink,
		"user":      inline("user", must("user_id", chars{min: 1})),
		"usergroup": inline("usergroup", must("usergroup_id", chars{min: 1})),
		"team":      inline("team", must("team_id", chars{min: 1})),
		"channel":   inline("channel", must("channel_id", chars{min: 1})),
		"broadcast": inline("broadcast", must("range", word{"here", "channel", "everyone"})),
		"color":     inline("color", must("value", chars{min: 1})),
		"emoji": inline("emoji",
			must("name", chars{min: 1}),
			may("unicode", chars{min: 1}),
			may("skin_tone", whole{1, 6}),
			may("url", anyURL),
		),
		// A moment that each reader sees in their own zone; timestamp is in seconds.
		"date": inline("date",
			must("timestamp", whole{0, anySize}),
			must("format", chars{min: 1}),
			may("url", anyURL),
			may("fallback", chars{}),
		),
	}

	border = may("border", whole{0, 1})

	richTextSection = element("rich_text_section", must("elements", list{of: inlines}))

	richTextParts = variants{
		"rich_text_section": richTextSection,
		"rich_text_list": element("rich_text_list",
			must("style", word{"bullet", "ordered"}),
			must("elements", list{min: 1, of: richTextSection}),
			may("indent", whole{0, 8}),
			may("offset", whole{0, anySize}),
			border,
		),
		"rich_text_quote": element("rich_text_quote",
			must("elements", list{of: inlines}),
			border,
		),
		"rich_text_preformatted": element("rich_text_preformatted",
			must("elements", list{of: variants{"text": inlineText, "link": inlineLink}}),
			may("language", chars{min: 1}),
			border,
		),
	}

	richText = block("rich_text", must("elements", list{of: richTextParts}))
)
