package messages

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"computeunits/bot/phrase"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// A message names every instance that it carries, however long their names are, and
// whatever became of them since.
func TestAMessageNamesAllThatItCarries(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for _, language := range []string{phrase.English, phrase.Chinese} {
		for name, change := range map[string]func(*plan.Item){
			"expires":      func(*plan.Item) {},
			"expired":      func(i *plan.Item) { i.Expires = now.Add(-time.Minute) },
			"renewed":      func(i *plan.Item) { i.Expires = now.Add(-time.Minute); i.Present = now.AddDate(1, 0, 0) },
			"acknowledged": func(i *plan.Item) { i.Pause = plan.Pause{By: "U0123456789", At: now} },
			"snoozed":      func(i *plan.Item) { i.Pause = plan.Pause{By: "U0123456789", At: now, Until: now.Add(time.Hour)} },
		} {
			for _, kind := range []plan.Kind{plan.KindExpiry, plan.KindDigest} {
				a := plan.Announcement{Key: "k", Channel: "C0GPU", Kind: kind, ThreadTS: "1.0", At: now}
				for i := range plan.MaxCarried {
					item := plan.Item{
						Service: fmt.Sprintf("svco-%012d", i%7), Label: strings.Repeat("长", 80), Instance: fmt.Sprintf("a%023d", i), Replicas: 16,
						Status: qianfan.Running, Expires: now.Add(50 * time.Hour), Threshold: 3 * 24 * time.Hour, ReadAt: now,
					}
					change(&item)
					a.Items = append(a.Items, item)
				}
				drawn, err := json.Marshal(Announce(a, phrase.For(language), DefaultConsoleURL).Blocks)
				if err != nil {
					t.Fatal(err)
				}
				said := string(drawn)
				missing := 0
				for _, item := range a.Items {
					if !strings.Contains(said, item.Instance) {
						missing++
					}
				}
				if missing > 0 {
					t.Errorf("%s, %s %s: %d of %d are not named", language, kind, name, missing, len(a.Items))
				}
			}
		}
	}
}
