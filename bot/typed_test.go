package bot_test

import (
	"testing"
)

// People type emoji, signs and addresses; Slack delivers them as codes, entities
// and links.
func TestWhatPeopleTypeWithEmojiAndLinksIsUnderstood(t *testing.T) {
	prepare := both(expiring("svco-chat", 5*day, "cu-chat1"), both(expiring("svco-batch", 5*day, "cu-batch1"), watching("en", "svco-chat")))
	inAWorld(t, prepare, func(w *world) {
		w.converse(
			says{alice, "what expires within 7 days? 💯", []string{"cu-chat1"}},
			says{alice, "next :1234: 🙏🏽", []string{"cu-chat1"}},
			says{alice, `watch svco-batch "Batch 🚀"`, []string{"Now watching", "Batch :rocket:"}},
			says{alice, "batch 🚀 prepaid", []string{"cu-batch1"}},
		)
		w.sees(w.asks("/computeunits expiring 7d 💯"), "cu-chat1")
		w.sees(w.asks("/computeunits batch 🚀"), "cu-batch1")
		w.content()
	})
}
