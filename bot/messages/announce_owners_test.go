package messages

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"computeunits/bot/phrase"
)

func TestAReminderMentionsTheOwners(t *testing.T) {
	a := announcements()["reminder-one"]
	a.Owners = []string{"S0GPU", "U0ALICE", "W0BOB"}
	for _, language := range []string{"en", "zh"} {
		m := Announce(a, phrase.For(language), "https://x.example")
		blocks, err := json.Marshal(m.Blocks)
		if err != nil {
			t.Fatal(err)
		}
		var shown []map[string]any
		if err := json.Unmarshal(blocks, &shown); err != nil {
			t.Fatal(err)
		}
		for name, said := range map[string]string{"text": m.Text, "blocks": fmt.Sprint(shown)} {
			for _, mention := range []string{"<!subteam^S0GPU>", "<@U0ALICE>", "<@W0BOB>"} {
				if strings.Count(said, mention) != 1 {
					t.Errorf("%s, %s: %s is not mentioned once in %s", language, name, mention, said)
				}
			}
			if strings.Contains(said, "<!channel") || strings.Contains(said, "<!here") {
				t.Errorf("%s, %s: everybody is pinged: %s", language, name, said)
			}
		}
	}
}

func TestAnyNumberOfOwnersFits(t *testing.T) {
	a := announcements()["reminder-one"]
	for i := range 500 {
		a.Owners = append(a.Owners, fmt.Sprintf("U%010d", i))
	}
	m := Announce(a, phrase.For("en"), "https://x.example")
	if n := strings.Count(m.Text, "<@U"); n != maxMentions {
		t.Errorf("%d owners are mentioned", n)
	}
}
