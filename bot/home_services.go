package bot

import (
	"strconv"
	"strings"

	"github.com/slack-go/slack"
)

// services are the watched services of one page, each with what can be done
// about it, and the ways to the other pages.
func (d drawing) services() []slack.Block {
	all := d.page.services()
	if len(all) == 0 {
		return nil
	}
	begin := d.page.first()
	end := min(begin+homeServices, len(all))
	title := d.Count("home.services", len(all))
	if d.page.without {
		title = d.Count("home.listed", len(all))
	}
	blocks := []slack.Block{header(title)}
	for _, s := range all[begin:end] {
		b := section(d.service(s))
		if menu := d.menu(s); menu != nil {
			b.Accessory = slack.NewAccessory(menu)
		}
		blocks = append(blocks, b)
	}
	if len(all) > homeServices {
		blocks = append(blocks, small(d.Say("page.which", "first", begin+1, "last", end, "of", len(all))), d.turn(begin, len(all)))
	}
	return blocks
}

// service is what is known of one watched service.
func (d drawing) service(s homeService) string {
	title := name(s.Label, s.Service)
	if d.page.without {
		return title
	}
	lines := []string{title, d.nextOf(s, d.when)}
	if s.is.Trouble != nil {
		lines = append(lines, "⚠️ "+d.diagnosis(*s.is.Trouble))
	}
	var small []string
	if s.is.Service != "" {
		small = append(small, d.dataAge(s.is.ReadAt))
	}
	if s.is.Channel != "" {
		small = append(small, d.Say("services.channel", "channel", "<#"+escape(s.is.Channel)+">"))
	}
	if s.Fixed {
		small = append(small, d.Say("services.setting"))
	} else if s.By != "" {
		small = append(small, d.Say("services.by", "who", mention(s.By)))
	}
	return joinLines(append(lines, strings.Join(small, " · ")))
}

// menu is what can be done about a service; nil when nothing, because its id is
// too long to say of which.
func (d drawing) menu(s homeService) slack.BlockElement {
	texts := map[act]string{actShow: d.Say("home.show"), actSettings: d.Say("button.settings"), actUnwatch: d.Say("home.unwatch")}
	acts := []act{actShow}
	if !d.page.without {
		acts = append(acts, actSettings)
	}
	if !d.page.without && !s.Fixed {
		acts = append(acts, actUnwatch)
	}
	var options []*slack.OptionBlockObject
	for _, do := range acts {
		if o := (deed{act: do, service: s.Service}).option(texts[do]); o != nil {
			options = append(options, o)
		}
	}
	if len(options) == 0 {
		return nil
	}
	return slack.NewOverflowBlockElement("service", options...)
}

// turn are the ways to the other pages.
func (d drawing) turn(begin, of int) slack.Block {
	var elements []slack.BlockElement
	if begin > 0 {
		elements = append(elements, deed{act: actHome, skip: begin - homeServices}.button("previous", d.Say("button.previous"), d.Say("button.previous.label")))
	}
	if begin+homeServices < of {
		elements = append(elements, deed{act: actHome, skip: begin + homeServices}.button("next", d.Say("button.next"), d.Say("button.next.label")))
	}
	var pages []*slack.OptionBlockObject
	var here *slack.OptionBlockObject
	for first := 0; first < of; first += homeServices {
		o := deed{act: actHome, skip: first}.option(d.Say("page.which", "first", first+1, "last", min(first+homeServices, of), "of", of))
		if pages = append(pages, o); first == begin {
			here = o
		}
	}
	if len(pages) > 2 && len(pages) <= maxOptions {
		// What a menu holds stays as long as its ids stay: so they name the page.
		id := deed{act: actHome}.id("page." + strconv.Itoa(begin))
		elements = append(elements, slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plainText(d.Say("home.page")), id, pages...).WithInitialOption(here))
	}
	return d.buttons(elements...)
}
