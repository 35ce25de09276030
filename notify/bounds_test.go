package notify

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// The tests here hold bounds and guards that no story depends on: a mutation
// tester changed each, and nothing else failed.

// TestAClaimMissesNoAttemptSinceItsLookUp has another process attempt a message,
// in vain as it seems, between a process's look-up and its claim: what the
// look-up did not find may stand there by now, so the claim must fail, although
// the message waits and its lease is over.
func TestAClaimMissesNoAttemptSinceItsLookUp(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		l, lookedUp := withReminder(t, url)
		p := withoutDigest(at(noon, "svco-a"))
		other := must[*claim](t)(open(t, url).claim(t.Context(), lookedUp, p, true))
		ok(t, l.failed(t.Context(), other, setback{next: p.now, reason: "timeout"}))
		if c, err := l.claim(t.Context(), lookedUp, p, true); !errors.Is(err, errOvertaken) {
			t.Errorf("it is claimed on an old look-up: %v, %v", c, err)
		}
		again := must[[]message](t)(l.outbox(t.Context(), channelID, p.now))[0]
		if c := must[*claim](t)(l.claim(t.Context(), again, p, true)); c == nil || c.attempt != 2 {
			t.Errorf("after another look-up the claim is %v", c)
		}
	})
}

func TestWhatIsSaidOfAChannelStandsThoughItsServiceMoved(t *testing.T) {
	p := defaults("svco-a").policy()
	in := prepaid("x", day)
	f := facts{instances: map[subject]instance{{"svco-a", "x"}: in}, services: map[string]service{"svco-a": {id: "svco-a", read: noon}}}
	for kind, want := range map[Kind]bool{KindDigest: true, KindReadable: true, KindExpiry: false, KindUnreadable: false, KindRenewed: false} {
		if got := p.stands(reminder{"svco-a", "x", noon.Add(day), day, "C0FORMER", kind}, f, noon); got != want {
			t.Errorf("%s: %v", kind, got)
		}
	}
}

func TestADigestKnowsWhatALongLadderReaches(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		l := open(t, url)
		ok(t, l.observe(t.Context(), noon, []observation{seen(noon, unit("x", noon.Add(day)))}))
		settings := defaults("svco-a")
		settings.Before = Ladder{0, -maxThreshold}
		s := must[survey](t)(surveyAt(t.Context(), l.db, settings.policy(), noon.Add(day+maxThreshold)))
		if len(s.window) != 1 {
			t.Errorf("on the day of the last step the digest has %d instances", len(s.window))
		}
	})
}

func TestAServiceIsNotUnreadBeforeADayIsOver(t *testing.T) {
	p := defaults("svco-a").policy()
	for age, want := range map[time.Duration]int{longUnread: 0, longUnread + time.Millisecond: 1} {
		s := survey{at: noon, services: map[string]service{"svco-a": {id: "svco-a", read: noon.Add(-age)}}}
		if got := s.unread(p); len(got) != want {
			t.Errorf("read %v ago: %v", age, got)
		}
	}
}

func TestADigestHasAThreadFromItsThirtyFirstItem(t *testing.T) {
	p := at(noon, "svco-a")
	today := dateOf(noon, p.settings.Zone)
	for n, want := range map[int]string{0: "0", 1: "1", digestAlone: "30", digestAlone + 1: "20 11"} {
		s := survey{at: noon, services: map[string]service{"svco-a": {id: "svco-a"}}}
		for i := range n {
			s.window = append(s.window, prepaid(fmt.Sprint(i), day))
		}
		if got := sizes(p.digest(s, today)); got != want {
			t.Errorf("%d items are in messages of %s and not %s", n, got, want)
		}
	}
}

// TestWhatADigestSaidIsKnownAgain holds how a digest's items are kept: another
// version that kept them otherwise would not find what this one said.
func TestWhatADigestSaidIsKnownAgain(t *testing.T) {
	p := at(noon, "svco-a")
	got := p.digestReminders([]instance{prepaid("x", 0)}, Date{2026, time.November, 24})
	midnight := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	if want := (reminder{"svco-a", "x", noon, time.Duration(midnight.UnixNano()), channelID, KindDigest}); len(got) != 1 || got[0] != want {
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
		{[]int{1, maxCarried - 1}, fmt.Sprint("0 ", maxCarried)},                                                 // just full
		{[]int{1, maxCarried}, fmt.Sprint("0 1 ", maxCarried)},                                                   // kept together
		{[]int{maxCarried + 1, 1}, fmt.Sprint("0 ", maxCarried, " 2")},                                           // more than one reply
		{[]int{1, maxCarried + 1, maxCarried - 1}, fmt.Sprint("0 1 ", maxCarried, " ", maxCarried)},              // the rest of one shares with the next
		{[]int{2 * maxCarried, 1, maxCarried}, fmt.Sprint("0 ", maxCarried, " ", maxCarried, " 1 ", maxCarried)}, // and nothing is empty
	} {
		var services [][]due
		var all []due
		for s, n := range c.services {
			of := make([]due, n)
			for i := range of {
				of[i] = due{reminder: reminder{fmt.Sprint("svco-", s), fmt.Sprint(i), noon, day, channelID, KindExpiry}, at: noon, earliest: noon}
			}
			services, all = append(services, of), append(all, of...)
		}
		if got := sizes(collected(services, all, noon)); got != c.want {
			t.Errorf("services of %v are in messages of %s and not %s", c.services, got, c.want)
		}
	}
}

// sizes says how many reminders each message carries.
func sizes(drafts []draft) string {
	words := make([]string, len(drafts))
	for i, d := range drafts {
		words[i] = fmt.Sprint(len(d.reminders))
	}
	return strings.Join(words, " ")
}
