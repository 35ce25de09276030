package bot_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// Somebody between the bot and Slack sends its requests elsewhere, by the kind of
// redirect that keeps method, body and token. Nothing goes there.
func TestNothingFollowsARedirect(t *testing.T) {
	for _, path := range []string{"/auth.test", "/apps.connections.open", "/users.info", "/response/", "/chat.postMessage"} {
		t.Run(strings.Trim(path, "/"), func(t *testing.T) {
			var redirected, elsewhere atomic.Int32
			inAWorld(t, func(w *world) {
				slack := serve(w, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					if !strings.Contains(r.URL.Path, path) {
						w.slack.ServeHTTP(rw, r)
						return
					}
					redirected.Add(1)
					http.Redirect(rw, r, "http://elsewhere.test"+r.URL.Path, http.StatusTemporaryRedirect)
				}))
				stranger := serve(w, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
				w.bot.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
					if strings.HasPrefix(address, "elsewhere.test:") {
						return stranger(ctx, network, address)
					}
					return slack(ctx, network, address)
				}
			}, func(w *world) {
				w.slack.Slash(alice, general, lookup)
				w.slack.Write(alice, w.slack.DM(alice), service)
				time.Sleep(time.Minute)
				if redirected.Load() == 0 || elsewhere.Load() != 0 {
					t.Errorf("%d requests were redirected, %d followed", redirected.Load(), elsewhere.Load())
				}
			})
		})
	}
}
