package views

import (
	"computeunits/bot/action"
	"computeunits/bot/blocks"
	"computeunits/bot/messages"
	"strconv"
	"strings"

	"github.com/slack-go/slack"
)

// services are the watched services of one page, each with what can be done
// about it, and the ways to the other pages.
func (d servicesLayout) services() []slack.Block {
	all := d.page.Services()
	if len(all) == 0 {
		return nil
	}
	begin := d.page.first()
	end := min(begin+HomeServices, len(all))
	title := d.Count("home.services", len(all))
	if d.page.Without {
		title = d.Count("home.listed", len(all))
	}
	drawn := []slack.Block{blocks.Header(title)}
	for _, s := range all[begin:end] {
		b := blocks.Section(d.service(s))
		if menu := d.menu(s); menu != nil {
			b.Accessory = slack.NewAccessory(menu)
		}
		drawn = append(drawn, b)
	}
	if len(all) > HomeServices {
		drawn = append(drawn, blocks.Context(d.Say("page.which", "first", begin+1, "last", end, "of", len(all))), d.turn(begin, len(all)))
	}
	return drawn
}

// service is what is known of one watched service.
func (d servicesLayout) service(s messages.WatchedService) string {
	title := blocks.ServiceName(s.Label, s.Service)
	if d.page.Without {
		return title
	}
	lines := []string{title, d.NextOf(s, d.when)}
	if s.Health.Trouble != nil {
		lines = append(lines, "⚠️ "+d.Diagnosis(*s.Health.Trouble))
	}
	var small []string
	if s.Health.Service != "" {
		small = append(small, d.DataAge(s.Health.ReadAt))
	}
	if s.Health.Channel != "" {
		small = append(small, d.Say("services.channel", "channel", "<#"+blocks.Escape(s.Health.Channel)+">"))
	}
	if s.Fixed {
		small = append(small, d.Say("services.setting"))
	} else if s.By != "" {
		small = append(small, d.Say("services.by", "who", blocks.Mention(s.By)))
	}
	return blocks.JoinLines(append(lines, strings.Join(small, " · ")))
}

// menu is what can be done about a service; nil when nothing, because its id is
// too long to say of which.
func (d servicesLayout) menu(s messages.WatchedService) slack.BlockElement {
	texts := map[action.Kind]string{action.Show: d.Say("home.show"), action.Settings: d.Say("button.settings"), action.Unwatch: d.Say("home.unwatch")}
	acts := []action.Kind{action.Show}
	if !d.page.Without {
		acts = append(acts, action.Settings)
	}
	if !d.page.Without && !s.Fixed {
		acts = append(acts, action.Unwatch)
	}
	var options []*slack.OptionBlockObject
	for _, do := range acts {
		if o := (action.Action{Kind: do, Service: s.Service}).Option(texts[do]); o != nil {
			options = append(options, o)
		}
	}
	if len(options) == 0 {
		return nil
	}
	return slack.NewOverflowBlockElement("service", options...)
}

// turn are the ways to the other pages.
func (d servicesLayout) turn(begin, of int) slack.Block {
	var elements []slack.BlockElement
	if begin > 0 {
		elements = append(elements, action.Action{Kind: action.Home, Skip: begin - HomeServices}.Button("previous", d.Say("button.previous"), d.Say("button.previous.label")))
	}
	if begin+HomeServices < of {
		elements = append(elements, action.Action{Kind: action.Home, Skip: begin + HomeServices}.Button("next", d.Say("button.next"), d.Say("button.next.label")))
	}
	var pages []*slack.OptionBlockObject
	var here *slack.OptionBlockObject
	for first := 0; first < of; first += HomeServices {
		o := action.Action{Kind: action.Home, Skip: first}.Option(d.Say("page.which", "first", first+1, "last", min(first+HomeServices, of), "of", of))
		if pages = append(pages, o); first == begin {
			here = o
		}
	}
	if len(pages) > 2 && len(pages) <= blocks.MaxOptions {
		// What a menu holds stays as long as its ids stay: so they name the page.
		id := action.Action{Kind: action.Home}.ID("page." + strconv.Itoa(begin))
		elements = append(elements, slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, blocks.PlainText(d.Say("home.page")), id, pages...).WithInitialOption(here))
	}
	return d.buttons(elements...)
}
