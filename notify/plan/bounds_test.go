package plan

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestWhatIsSaidOfAChannelStandsThoughItsServiceMoved(t *testing.T) {
	p := defaults("svco-a").Policy()
	in := prepaid("x", day)
	f := Facts{Instances: map[InstanceKey]Instance{{"svco-a", "x"}: in}, Services: map[string]ServiceState{"svco-a": {ID: "svco-a", Read: noon}}}
	for kind, want := range map[Kind]bool{KindDigest: true, KindReadable: true, KindExpiry: false, KindUnreadable: false, KindRenewed: false} {
		if got := p.StillRelevant(Reminder{"svco-a", "x", noon.Add(day), day, "C0FORMER", kind}, f, noon); got != want {
			t.Errorf("%s: %v", kind, got)
		}
	}
}

func TestAServiceIsNotUnreadBeforeADayIsOver(t *testing.T) {
	p := defaults("svco-a").Policy()
	for age, want := range map[time.Duration]int{longUnread: 0, longUnread + time.Millisecond: 1} {
		s := Snapshot{At: noon, Services: map[string]ServiceState{"svco-a": {ID: "svco-a", Read: noon.Add(-age)}}}
		if got := s.Unread(p); len(got) != want {
			t.Errorf("read %v ago: %v", age, got)
		}
	}
}

func TestADigestHasAThreadFromItsThirtyFirstItem(t *testing.T) {
	p := at(noon, "svco-a")
	today := dateOf(noon, p.Settings.Zone)
	for n, want := range map[int]string{0: "0", 1: "1", digestAlone: "30", digestAlone + 1: "20 11"} {
		s := Snapshot{At: noon, Services: map[string]ServiceState{"svco-a": {ID: "svco-a"}}}
		for i := range n {
			s.Window = append(s.Window, prepaid(fmt.Sprint(i), day))
		}
		if got := sizes(p.Digest(s, today)); got != want {
			t.Errorf("%d items are in messages of %s and not %s", n, got, want)
		}
	}
}

// TestWhatADigestSaidIsKnownAgain holds how a digest's items are kept: another
// version that kept them otherwise would not find what this one said.
func TestWhatADigestSaidIsKnownAgain(t *testing.T) {
	p := at(noon, "svco-a")
	got := p.digestReminders([]Instance{prepaid("x", 0)}, Date{2026, time.November, 24})
	midnight := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	if want := (Reminder{"svco-a", "x", noon, time.Duration(midnight.UnixNano()), channelID, KindDigest}); len(got) != 1 || got[0] != want {
		t.Errorf("%+v and not %+v", got, want)
	}
}

// TestServicesShareRepliesThatHaveRoom has services of some sizes fill the
// thread of one message.
func TestServicesShareRepliesThatHaveRoom(t *testing.T) {
	for _, c := range []struct {
		services []int
		want     string // reminders of each message
	}{
		{[]int{1, 1}, "0 2"},
		{[]int{1, MaxCarried - 1}, fmt.Sprint("0 ", MaxCarried)},                                                 // just full
		{[]int{1, MaxCarried}, fmt.Sprint("0 1 ", MaxCarried)},                                                   // kept together
		{[]int{MaxCarried + 1, 1}, fmt.Sprint("0 ", MaxCarried, " 2")},                                           // more than one reply
		{[]int{1, MaxCarried + 1, MaxCarried - 1}, fmt.Sprint("0 1 ", MaxCarried, " ", MaxCarried)},              // the rest of one shares with the next
		{[]int{2 * MaxCarried, 1, MaxCarried}, fmt.Sprint("0 ", MaxCarried, " ", MaxCarried, " 1 ", MaxCarried)}, // and nothing is empty
	} {
		var services [][]Due
		var all []Due
		for s, n := range c.services {
			of := make([]Due, n)
			for i := range of {
				of[i] = Due{Reminder: Reminder{fmt.Sprint("svco-", s), fmt.Sprint(i), noon, day, channelID, KindExpiry}, At: noon, Earliest: noon}
			}
			services, all = append(services, of), append(all, of...)
		}
		if got := sizes(collected(services, all, noon)); got != c.want {
			t.Errorf("services of %v are in messages of %s and not %s", c.services, got, c.want)
		}
	}
}

// sizes says how many reminders each message carries.
func sizes(drafts []Draft) string {
	words := make([]string, len(drafts))
	for i, d := range drafts {
		words[i] = fmt.Sprint(len(d.Reminders))
	}
	return strings.Join(words, " ")
}
