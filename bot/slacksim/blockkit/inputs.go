package blockkit

import (
	"math/big"
	"slices"
	"time"
)

// Elements for choosing and typing (/reference/block-kit/block-elements).

// input is an interactive element that can take the focus.
func input(kind string, fields ...field) *record {
	return interactive(kind, append([]field{may("focus_on_load", flag{})}, fields...)...)
}

// menu is an input that shows a placeholder and can ask for confirmation.
func menu(kind string, fields ...field) *record {
	return input(kind, append([]field{may("placeholder", plain(150)), may("confirm", confirm)}, fields...)...)
}

// multiMenu is a menu for several choices.
func multiMenu(kind string, fields ...field) *record {
	return menu(kind, append([]field{may("max_selected_items", whole{1, anySize})}, fields...)...)
}

var someIDs = list{min: 1, of: chars{min: 1}}

// Select menus (/reference/block-kit/block-elements/select-menu-element and
// /multi-select-menu-element).
var (
	staticSelect = menu("static_select",
		may("options", list{min: 1, max: 100, of: menuOption}),
		may("option_groups", list{min: 1, max: 100, of: optionGroup}),
		may("initial_option", menuOption),
	).and(all(exactlyOne("options", "option_groups"), initialAmongOptions))

	multiStaticSelect = multiMenu("multi_static_select",
		may("options", list{min: 1, max: 100, of: menuOption}),
		may("option_groups", list{min: 1, max: 100, of: optionGroup}),
		may("initial_options", list{min: 1, of: menuOption}),
	).and(all(exactlyOne("options", "option_groups"), initialAmongOptions))

	externalSelect = menu("external_select",
		may("initial_option", menuOption),
		may("min_query_length", whole{0, anySize}),
	)
	multiExternalSelect = multiMenu("multi_external_select",
		may("initial_options", list{min: 1, of: menuOption}),
		may("min_query_length", whole{0, anySize}),
	)

	usersSelect      = menu("users_select", may("initial_user", chars{min: 1}))
	multiUsersSelect = multiMenu("multi_users_select", may("initial_users", someIDs))

	conversationsSelect      = menu("conversations_select", conversationsMembers...)
	multiConversationsSelect = multiMenu("multi_conversations_select",
		may("initial_conversations", someIDs),
		may("default_to_current_conversation", flag{}),
		may("filter", conversationFilter),
	)

	channelsSelect      = menu("channels_select", may("initial_channel", chars{min: 1}))
	multiChannelsSelect = multiMenu("multi_channels_select", may("initial_channels", someIDs))
)

// Only in an input block of a modal a menu may ask for response URLs.
var (
	conversationsMembers = []field{
		may("initial_conversation", chars{min: 1}),
		may("default_to_current_conversation", flag{}),
		may("filter", conversationFilter),
	}

	answeringSelects = variants{
		"conversations_select": menu("conversations_select", append(slices.Clone(conversationsMembers), may("response_url_enabled", flag{}))...),
		"channels_select":      menu("channels_select", may("initial_channel", chars{min: 1}), may("response_url_enabled", flag{})),
	}
)

// Boxes and pickers.
var (
	checkboxes = input("checkboxes",
		must("options", list{min: 1, max: 10, of: boxOption}),
		may("initial_options", list{min: 1, max: 10, of: boxOption}),
		may("confirm", confirm),
	).and(initialAmongOptions)

	radioButtons = input("radio_buttons",
		must("options", list{min: 1, max: 10, of: boxOption}),
		may("initial_option", boxOption),
		may("confirm", confirm),
	).and(initialAmongOptions)

	datepicker = menu("datepicker",
		may("initial_date", chars{min: 1, format: &format{"date", isDate}}),
	)
	timepicker = menu("timepicker",
		may("initial_time", chars{min: 1, format: &format{"time", isTime}}),
		may("timezone", chars{min: 1}),
	)
	datetimepicker = input("datetimepicker",
		may("initial_date_time", whole{1_000_000_000, 9_999_999_999}), // seconds, ten digits
		may("confirm", confirm),
	)
)

// Fields to type into.
var (
	plainTextInput = typed("plain_text_input",
		may("initial_value", chars{max: 3000}),
		may("multiline", flag{}),
		may("min_length", whole{0, 3000}),
		may("max_length", whole{1, 3000}),
	).and(ordered("min_length", "max_length"))

	emailTextInput = typed("email_text_input", may("initial_value", chars{}))
	urlTextInput   = typed("url_text_input", may("initial_value", chars{}))

	numberInput = typed("number_input",
		must("is_decimal_allowed", flag{}),
		may("initial_value", numeral),
		may("min_value", numeral),
		may("max_value", numeral),
	).and(all(ordered("min_value", "max_value"), ordered("min_value", "initial_value"), ordered("initial_value", "max_value"), wholeUnlessDecimal))

	richTextInput = typed("rich_text_input",
		may("initial_value", richText),
		may("min_lines", whole{1, 100}),
		may("max_lines", whole{1, 100}),
	).and(ordered("min_lines", "max_lines"))

	// In modals only (/reference/block-kit/block-elements/file-input-element).
	fileInput = interactive("file_input",
		may("filetypes", list{min: 1, of: chars{min: 1}}),
		may("max_files", whole{1, 10}),
	)

	numeral = chars{min: 1, format: &format{"number", isNumeral}}
)

// typed is an input that may report what is typed before it is submitted.
func typed(kind string, fields ...field) *record {
	return input(kind, append([]field{
		may("placeholder", plain(150)),
		may("dispatch_action_config", dispatchActionConfig),
	}, fields...)...)
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

func isTime(s string) bool {
	_, err := time.Parse("15:04", s)
	return err == nil && len(s) == len("15:04")
}

// isNumeral tells whether s is digits with at most a sign and a decimal point.
func isNumeral(s string) bool {
	_, ok := amount(s)
	return ok
}

func amount(s string) (*big.Rat, bool) {
	for _, char := range s {
		if (char < '0' || char > '9') && char != '-' && char != '.' {
			return nil, false
		}
	}
	return new(big.Rat).SetString(s)
}

// ordered wants the number in one member to be at most that in another. Wording: ours.
func ordered(least, most string) func(*checker, *node) {
	return func(c *checker, n *node) {
		low, high := n.member(least), n.member(most)
		if low == nil || high == nil {
			return
		}
		a, okA := amount(low.text)
		b, okB := amount(high.text)
		if okA && okB && a.Cmp(b) > 0 {
			c.member(least, func() { c.report(low, "must not be greater than `%s`", most) })
		}
	}
}

// wholeUnlessDecimal refuses decimals where none may be typed. Wording: ours.
func wholeUnlessDecimal(c *checker, n *node) {
	if n.isTrue("is_decimal_allowed") {
		return
	}
	for _, name := range [...]string{"initial_value", "min_value", "max_value"} {
		if v, ok := amount(n.str(name)); ok && !v.IsInt() {
			c.member(name, func() { c.report(n.member(name), "must be a whole number without `is_decimal_allowed`") })
		}
	}
}

// initialAmongOptions wants what is chosen at first to be exactly among what there
// is to choose. Wording: ours.
func initialAmongOptions(c *checker, n *node) {
	offered := func(choice *node) bool {
		for _, from := range append([]node{*n}, n.elements("option_groups")...) {
			options := from.elements("options")
			for i := range options {
				if options[i].equal(choice) {
					return true
				}
			}
		}
		return false
	}
	const message = "must be one of the options"
	if choice := n.member("initial_option"); choice != nil && !offered(choice) {
		c.member("initial_option", func() { c.report(choice, message) })
	}
	choices := n.elements("initial_options")
	for i := range choices {
		if !offered(&choices[i]) {
			c.member("initial_options", func() {
				c.element(i, func() { c.report(&choices[i], message) })
			})
		}
	}
}
