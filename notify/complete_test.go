package notify

import (
	"slices"
	"strings"
	"testing"
	"time"

	"computeunits/notify/delivery"
	"computeunits/notify/plan"
	"computeunits/qianfan"
	"computeunits/qianfan/qianfantest"
)

// Whatever form Qianfan's answers take one day, every reminder of what was known is
// said, no digest says that nothing expires, and people hear that something is wrong.
func TestAnswersThatAreUselessLoseNothing(t *testing.T) {
	for _, form := range qianfantest.Forms() {
		t.Run(string(form), func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.settings.AllClear = plan.AllClearDaily
				server := &qianfantest.Server{}
				client := server.Client()
				defer server.Close()
				defer client.Close()
				server.Set("svco-a", listing("soon", start.Add(2*day)), listing("later", start.Add(60*day)), listing("other", start.Add(61*day)))
				w.n, w.tracks = w.notifier(), make(map[string]*delivery.ChannelQueue)
				w.n.Units = client
				ok(t, runner{w.n}.begin(t.Context()))
				w.turn()
				server.Inject(qianfantest.Fault{Form: form})
				w.turns(2*time.Hour, 3*day)
				var steps []string
				for _, p := range w.room.of(plan.KindExpiry) {
					steps = append(steps, p.String())
				}
				if got := strings.Join(steps, ", "); got != "expiry soon@3d, expiry soon@1d, expiry soon@0d" {
					t.Errorf("the reminders are %s", got)
				}
				for _, p := range w.room.of(plan.KindDigest) {
					if d := p.Digest; d.AllClear || len(d.Counts) == 0 || len(d.Unread)+len(d.Unknown) == 0 {
						t.Errorf("the digest of %v says %+v", d.Day, d)
					}
				}
				trouble, unknown := w.room.of(plan.KindUnreadable), w.room.of(plan.KindUnknown)
				switch {
				case len(trouble)+len(unknown) == 0 || len(w.room.of(plan.KindVanished)) > 0:
					t.Errorf("nobody was told, or something else: %v", w.room.standing())
				case len(trouble) > 0 && (trouble[0].Troubles[0].Code != qianfan.UnknownForm || trouble[0].Troubles[0].RequestID == ""):
					t.Errorf("the trouble is %+v", trouble[0].Troubles)
				case len(unknown) > 0 && (len(unknown[0].Items) != 3 || unknown[0].Items[0].Raw == ""):
					t.Errorf("what is unknown is %+v", unknown[0].Items)
				}
				server.Mend()
				w.turns(time.Hour, 2*time.Hour)
				if n := len(w.room.of(plan.KindReadable)); n != len(trouble) && n == 0 {
					t.Errorf("after the end of it the channel shows %v", w.room.standing())
				}
			}, "svco-a")
		})
	}
}

func listing(id string, expires time.Time) qianfantest.Instance {
	return qianfantest.Instance{ID: id, PaymentTiming: "Prepaid", ReplicasCount: 2, Status: "Running",
		StartTime: expires.AddDate(0, -3, 0), ExpiredTime: expires}
}

// A prepaid instance is reminded of whatever word stands for that.
func TestAPaymentTimingInOtherWords(t *testing.T) {
	for _, word := range []qianfan.PaymentTiming{"", "Prepay", "预付费"} {
		t.Run(string(word), func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.platform.answer = []qianfan.Instance{{ID: "one", Timing: word, Replicas: 4, Status: qianfan.Running, Expires: start.Add(3 * day)}}
				w.turns(3*time.Hour, 6*time.Hour)
				if n := len(w.room.of(plan.KindExpiry)); n != 1 {
					t.Errorf("there are %d reminders", n)
				}
				digests := w.room.of(plan.KindDigest)
				if len(digests) != 1 || digests[0].Digest.Instances != 1 || len(digests[0].Items) != 1 {
					t.Errorf("the digests are %v", digests)
				}
			}, "svco-a")
		})
	}
}

// Whom nobody misses: what is over, what stands under another name of ours, and
// what was renewed without an id.
func TestNobodyMissesThem(t *testing.T) {
	a, b := start.Add(20*day), start.Add(80*day)
	deleted, creating := unit("x", a), unit("x", time.Time{})
	deleted.Status, creating.Status = qianfan.Deleted, qianfan.Creating
	for name, c := range map[string]struct {
		first, then []qianfan.Instance
		want        string
	}{
		"deleted":                       {[]qianfan.Instance{deleted, unit("y", b)}, []qianfan.Instance{unit("y", b)}, ""},
		"creating failed":               {[]qianfan.Instance{creating, unit("y", b)}, []qianfan.Instance{unit("y", b)}, ""},
		"an id for two":                 {[]qianfan.Instance{unit("x", a)}, []qianfan.Instance{unit("x", a), unit("x", b)}, ""},
		"an id for two, now for one":    {[]qianfan.Instance{unit("x", a), unit("x", b)}, []qianfan.Instance{unit("x", b)}, ""},
		"renewed without an id":         {[]qianfan.Instance{unit("", a), unit("", a)}, []qianfan.Instance{unit("", a), unit("", b)}, ""},
		"running":                       {[]qianfan.Instance{unit("x", b), unit("y", b)}, []qianfan.Instance{unit("y", b)}, "vanished x"},
		"with an expiry nobody knows":   {[]qianfan.Instance{unit("x", time.Time{}), unit("y", b)}, []qianfan.Instance{unit("y", b)}, "vanished x"},
		"all of them":                   {[]qianfan.Instance{unit("x", b), unit("y", b)}, []qianfan.Instance{}, "vanished x y"},
		"one of two without an id":      {[]qianfan.Instance{unit("", b), unit("", b)}, []qianfan.Instance{unit("", b)}, "vanished #" + b.Format(time.RFC3339) + "#2"},
		"two without an id, one anew":   {[]qianfan.Instance{unit("", a), unit("", a)}, []qianfan.Instance{unit("", b)}, "vanished #" + a.Format(time.RFC3339) + "#2"},
		"expired, so not listed at all": {[]qianfan.Instance{unit("x", start.Add(time.Hour))}, []qianfan.Instance{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.platform.answer = c.first
				w.turn()
				w.until(start.Add(time.Hour))
				w.platform.answer = c.then
				w.turns(time.Hour, 5*time.Hour)
				var said []string
				for _, p := range w.room.of(plan.KindVanished) {
					said = append(said, line(p.Announcement))
				}
				if got := strings.Join(said, ", "); got != c.want && !(strings.HasSuffix(name, "anew") && len(said) == 1) {
					t.Errorf("the channel was told %q", got)
				}
			}, "svco-a")
		})
	}
}

// It vanished while nobody looked, for longer than it would be reminded of.
func TestVanishedWhileTheBotWasDown(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.platform.put("svco-a", "one", 4, start.Add(40*day))
		w.turn()
		w.platform.remove("svco-a", "one")
		w.until(start.Add(20 * day))
		w.restart()
		w.turns(time.Hour, 3*time.Hour)
		if v := w.room.of(plan.KindVanished); len(v) != 1 || v[0].Items[0].Instance != "one" || !v[0].Items[0].Unlisted {
			t.Errorf("the channel shows %v", w.room.standing())
		}
	}, "svco-a")
}

// This morning's all-clear is taken back when something vanishes in the afternoon, and
// what vanished is none of the capacity that is counted. When it is listed again, the
// message says so; should it vanish the day after, that is said anew.
func TestAListThatGoesToAndFro(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.AllClear = plan.AllClearDaily
		w.platform.put("svco-a", "one", 4, start.Add(90*day))
		w.platform.put("svco-a", "two", 3, start.Add(91*day))
		w.turns(time.Hour, 3*time.Hour)
		digest := w.room.of(plan.KindDigest)
		if len(digest) != 1 || !digest[0].Digest.AllClear {
			t.Fatalf("the digest is %v", digest)
		}
		w.platform.remove("svco-a", "one")
		w.turns(time.Hour, 3*time.Hour)
		if d := digest[0].shows().Digest; d.AllClear || d.Vanished != 1 || d.Instances != 1 || d.Replicas != 3 {
			t.Errorf("the digest says %+v", d)
		}
		w.platform.put("svco-a", "one", 4, start.Add(90*day))
		w.turns(time.Hour, 2*time.Hour)
		vanished := w.room.of(plan.KindVanished)
		if len(vanished) != 1 || vanished[0].Items[0].Unlisted != true || vanished[0].shows().Items[0].Unlisted {
			t.Errorf("it shows %+v", vanished)
		}
		w.until(start.Add(25 * time.Hour))
		w.platform.remove("svco-a", "one")
		w.turns(time.Hour, 3*time.Hour)
		if n := len(w.room.of(plan.KindVanished)); n != 2 {
			t.Errorf("it was said %d times", n)
		}
		digests := w.room.of(plan.KindDigest)
		if len(digests) != 2 || digests[1].shows().Digest.AllClear {
			t.Errorf("the second digest is %v", digests)
		}
	}, "svco-a")
}

// Capacity that vanished is lost already: the digest does not lose it twice.
func TestLossesOfWhatVanished(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.platform.put("svco-a", "one", 4, start.Add(10*day))
		w.platform.put("svco-a", "two", 3, start.Add(10*day))
		w.turn()
		w.platform.remove("svco-a", "one")
		w.turns(time.Hour, 26*time.Hour)
		digests := w.room.of(plan.KindDigest)
		d := digests[len(digests)-1].Digest
		if len(d.Losses) != 1 || d.Losses[0].Replicas != 3 || d.Losses[0].Left != 0 || d.Counts[0].Instances != 2 {
			t.Errorf("the digest says %+v", d)
		}
		if items := digests[len(digests)-1].Items; !slices.ContainsFunc(items, func(i plan.Item) bool { return i.Instance == "one" && i.Unlisted }) {
			t.Errorf("the digest lists %v", items)
		}
	}, "svco-a")
}

// Once the expiry is known, the message says so, and the ladder begins.
func TestAnExpiryBecomesKnown(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.platform.answer = []qianfan.Instance{{ID: "odd", Timing: qianfan.Prepaid, Replicas: 2, Status: qianfan.Running, ExpiresRaw: "+08"}}
		w.turn()
		w.platform.answer = []qianfan.Instance{unit("odd", start.Add(6*day))}
		w.turn()
		unknown := w.room.of(plan.KindUnknown)
		if len(unknown) != 1 || unknown[0].Items[0].Raw != "+08" || !unknown[0].shows().Items[0].Expires.Equal(start.Add(6*day)) {
			t.Errorf("it shows %v", unknown)
		}
		if n := len(w.room.of(plan.KindExpiry)); n != 1 {
			t.Errorf("there are %d reminders", n)
		}
	}, "svco-a")
}
