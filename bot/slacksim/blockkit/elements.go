package blockkit

// Elements for reading and clicking (/reference/block-kit/block-elements), and which
// of them each kind of block may hold.

// element is a record of a type; interactive ones also have an action_id, which
// Slack makes up when it is left out.
func element(kind string, fields ...field) *record {
	return &record{fields: append([]field{must("type", word{kind})}, fields...)}
}

func interactive(kind string, fields ...field) *record {
	return element(kind, append([]field{may("action_id", actionID)}, fields...)...)
}

var (
	image = element("image",
		must("alt_text", chars{min: 1, max: 2000}),
		may("image_url", anyURL),
		may("slack_file", slackFile),
	).and(exactlyOne("image_url", "slack_file"))

	button = interactive("button",
		must("text", plain(75)),
		may("url", anyURL),
		may("value", chars{min: 1, max: 2000}),
		may("style", style),
		may("confirm", confirm),
		may("accessibility_label", chars{min: 1, max: 75}),
	)

	workflowButton = interactive("workflow_button",
		must("text", plain(75)),
		must("workflow", workflow),
		may("style", style),
		may("confirm", confirm),
		may("accessibility_label", chars{min: 1, max: 75}),
	)

	overflow = interactive("overflow",
		must("options", list{min: 1, max: 5, of: overflowOption}),
		may("confirm", confirm),
	)

	iconButton = interactive("icon_button",
		must("icon", word{"trash"}),
		must("text", plain(75)),
		may("value", chars{min: 1, max: 2000}),
		may("confirm", confirm),
		may("accessibility_label", chars{min: 1, max: 75}),
		may("visible_to_user_ids", list{max: 10, of: chars{min: 1}}),
	)

	feedbackButton = &record{fields: []field{
		must("text", plain(75)),
		must("value", chars{min: 1, max: 2000}),
		may("accessibility_label", chars{min: 1, max: 75}),
	}}

	feedbackButtons = interactive("feedback_buttons",
		must("positive_button", feedbackButton),
		must("negative_button", feedbackButton),
	)

	urlSource = element("url",
		must("url", anyURL),
		must("text", chars{min: 1}),
	)
)

// What each place takes. The lists are those of the block's reference page.
var (
	pickers = variants{
		"checkboxes":                 checkboxes,
		"radio_buttons":              radioButtons,
		"datepicker":                 datepicker,
		"timepicker":                 timepicker,
		"static_select":              staticSelect,
		"external_select":            externalSelect,
		"users_select":               usersSelect,
		"conversations_select":       conversationsSelect,
		"channels_select":            channelsSelect,
		"multi_static_select":        multiStaticSelect,
		"multi_external_select":      multiExternalSelect,
		"multi_users_select":         multiUsersSelect,
		"multi_conversations_select": multiConversationsSelect,
		"multi_channels_select":      multiChannelsSelect,
	}
	buttons = variants{"button": button, "workflow_button": workflowButton, "overflow": overflow}

	accessories    = join(pickers, buttons, variants{"image": image})
	actionElements = join(pickers, buttons, variants{
		"datetimepicker":  datetimepicker,
		"rich_text_input": richTextInput,
	})
	contextElements        = join(text(3000), variants{"image": image})
	contextActionsElements = variants{"feedback_buttons": feedbackButtons, "icon_button": iconButton}

	inputElements = join(pickers, variants{
		"datetimepicker":   datetimepicker,
		"plain_text_input": plainTextInput,
		"email_text_input": emailTextInput,
		"url_text_input":   urlTextInput,
		"number_input":     numberInput,
		"rich_text_input":  richTextInput,
	})
	modalInputElements = join(inputElements, answeringSelects, variants{"file_input": fileInput})
)
