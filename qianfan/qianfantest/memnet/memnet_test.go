package memnet_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"computeunits/qianfan/qianfantest/memnet"
)

func TestAWebServerAnswersInsideABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener := memnet.Listen()
		client := serve(t, listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(3 * time.Second)
			io.WriteString(w, "hello "+r.Host)
		}))

		start := time.Now()
		resp, err := client.Get("http://anywhere.example/")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if got, want := string(body), "hello anywhere.example"; err != nil || got != want {
			t.Errorf("body is %q, %v, want %q", got, err, want)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("took %v of the bubble's time, want 3s", took)
		}
	})
}

// A server may answer before it has read a large request; both ends must get
// on with it.
func TestAServerThatAnswersEarlyDoesNotHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := serve(t, memnet.Listen(), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTeapot)
		}))
		resp, err := client.Post("http://x/", "text/plain", bytes.NewReader(make([]byte, 4<<20)))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		time.Sleep(time.Second) // net/http's server lingers half a second over a cut upload
		if resp.StatusCode != http.StatusTeapot {
			t.Errorf("status %d", resp.StatusCode)
		}
	})
}

// Over net.Pipe two peers that say goodbye at the same moment wait for each
// other until a write deadline; over TCP, and here, they do not.
func TestWebSocketPeersMaySayGoodbyeTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		farewell := func(conn *websocket.Conn) {
			defer conn.Close()
			message := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "bye")
			if err := conn.WriteControl(websocket.CloseMessage, message, time.Now().Add(time.Minute)); err != nil {
				t.Errorf("sending the close frame: %v", err)
			}
			if _, _, err := conn.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
				t.Errorf("reading after goodbye: %v, want a normal closure", err)
			}
		}

		listener := memnet.Listen()
		var upgrader websocket.Upgrader
		done := make(chan struct{})
		serve(t, listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer close(done)
			conn, err := upgrader.Upgrade(w, r, nil)
			if err != nil {
				t.Error(err)
				return
			}
			farewell(conn)
		}))
		dialer := websocket.Dialer{NetDialContext: listener.DialContext}
		conn, _, err := dialer.DialContext(t.Context(), "ws://slack.example/link", nil)
		if err != nil {
			t.Fatal(err)
		}
		farewell(conn)
		<-done
		if took := time.Since(start); took != 0 {
			t.Errorf("goodbye took %v, somebody waited for a deadline", took)
		}
	})
}

func TestWhatWasSentBeforeTheCloseStillArrives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := connect(t, memnet.Listen())
		if _, err := client.Write([]byte("last words")); err != nil {
			t.Fatal(err)
		}
		client.Close()

		got, err := io.ReadAll(server)
		if string(got) != "last words" || err != nil {
			t.Errorf("the peer read %q, %v", got, err)
		}
		if _, err := server.Write([]byte("hello?")); !errors.Is(err, syscall.EPIPE) {
			t.Errorf("writing to a closed peer: %v, want EPIPE", err)
		}
		if _, err := client.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("reading the own closed end: %v, want net.ErrClosed", err)
		}
		if _, err := client.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("writing the own closed end: %v, want net.ErrClosed", err)
		}
	})
}

func TestAReaderWhoStopsReadingHoldsTheWriterBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := connect(t, memnet.Listen())
		sent := bytes.Repeat([]byte("0123456789abcdef"), 1<<16) // 1 MiB, more than a connection buffers

		written := make(chan error, 1)
		go func() {
			_, err := client.Write(sent)
			client.Close()
			written <- err
		}()
		synctest.Wait()
		select {
		case <-written:
			t.Fatal("a megabyte went out though nobody reads")
		default:
		}

		got, err := io.ReadAll(server)
		if err != nil || !bytes.Equal(got, sent) {
			t.Errorf("read %d bytes, %v, want the %d that were sent", len(got), err, len(sent))
		}
		if err := <-written; err != nil {
			t.Error(err)
		}
	})
}

func TestWritersDoNotCutIntoEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := connect(t, memnet.Listen())
		const size = 300 << 10 // each alone exceeds the buffer
		var writers sync.WaitGroup
		for _, letter := range []string{"a", "b", "c"} {
			writers.Go(func() {
				if _, err := client.Write([]byte(strings.Repeat(letter, size))); err != nil {
					t.Error(err)
				}
			})
		}
		go func() {
			writers.Wait()
			client.Close()
		}()
		got, err := io.ReadAll(server)
		if err != nil || len(got) != 3*size {
			t.Fatalf("read %d bytes, %v", len(got), err)
		}
		for block := 0; block < len(got); block += size {
			if n := bytes.Count(got[block:block+size], got[block:block+1]); n != size {
				t.Errorf("the block at %d is mixed: %d of %d bytes are its first letter", block, n, size)
			}
		}
	})
}

func TestDeadlinesWakeWhoeverWaits(t *testing.T) {
	full := make([]byte, 1<<20)
	for _, tt := range []struct {
		name string
		set  func(net.Conn, time.Time) error
		call func(net.Conn) error
	}{
		{"read", net.Conn.SetReadDeadline, func(c net.Conn) error { _, err := c.Read(make([]byte, 1)); return err }},
		{"write", net.Conn.SetWriteDeadline, func(c net.Conn) error { _, err := c.Write(full); return err }},
		{"either, reading", net.Conn.SetDeadline, func(c net.Conn) error { _, err := c.Read(make([]byte, 1)); return err }},
		{"either, writing", net.Conn.SetDeadline, func(c net.Conn) error { _, err := c.Write(full); return err }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn, _ := connect(t, memnet.Listen())
				start := time.Now()
				tt.set(conn, start.Add(time.Hour))
				tt.set(conn, start.Add(5*time.Second)) // the later deadline is forgotten

				err := tt.call(conn)
				if !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("the waiting call ended with %v", err)
				}
				if netErr, ok := errors.AsType[net.Error](err); !ok || !netErr.Timeout() {
					t.Errorf("%v is no timeout to package net", err)
				}
				if waited := time.Since(start); waited != 5*time.Second {
					t.Errorf("waited %v", waited)
				}
				if err := tt.call(conn); !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("a further call after the deadline: %v", err)
				}

				// A deadline in the past interrupts a call under way, as net/http does it.
				tt.set(conn, time.Time{})
				interrupted := make(chan error, 1)
				go func() { interrupted <- tt.call(conn) }()
				synctest.Wait()
				tt.set(conn, time.Unix(1, 0))
				if err := <-interrupted; !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("the interrupted call ended with %v", err)
				}
			})
		})
	}
}

func TestClosingWakesWhoeverWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener := memnet.Listen()
		quiet, quietPeer := connect(t, listener)
		flooded, flood := connect(t, listener)
		var waiting sync.WaitGroup
		waiting.Go(func() {
			if _, err := quiet.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
				t.Errorf("the own reader got %v", err)
			}
		})
		waiting.Go(func() {
			if _, err := quietPeer.Read(make([]byte, 1)); err != io.EOF {
				t.Errorf("the peer's reader got %v", err)
			}
		})
		waiting.Go(func() {
			if _, err := flood.Write(make([]byte, 1<<20)); !errors.Is(err, syscall.EPIPE) {
				t.Errorf("the peer's writer got %v", err)
			}
		})
		synctest.Wait()
		quiet.Close()
		flooded.Close()
		waiting.Wait()
	})
}

func TestAClosedListenerRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener := memnet.Listen()
		client, server := connect(t, listener)

		accepting := make(chan error, 1)
		go func() {
			_, err := listener.Accept()
			accepting <- err
		}()
		synctest.Wait()
		listener.Close()
		if err := listener.Close(); err != nil {
			t.Errorf("closing twice: %v", err)
		}
		if err := <-accepting; !errors.Is(err, net.ErrClosed) {
			t.Errorf("Accept ended with %v", err)
		}
		_, err := listener.DialContext(t.Context(), "tcp", "anywhere:443")
		if _, ok := errors.AsType[*net.OpError](err); !ok || !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("dialing a closed listener: %v, want a refused connection", err)
		}

		if _, err := client.Write([]byte("x")); err != nil {
			t.Errorf("a connection from before: %v", err)
		}
		if n, err := server.Read(make([]byte, 1)); n != 1 || err != nil {
			t.Errorf("a connection from before: read %d, %v", n, err)
		}
	})
}

func TestADialGivesUpWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener := memnet.Listen() // nobody accepts
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := listener.DialContext(ctx, "tcp", "x"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestBothEndsKnowTheirAddresses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener := memnet.Listen()
		client, server := connect(t, listener)
		other, _ := connect(t, listener)
		if client.RemoteAddr() != listener.Addr() || client.LocalAddr() != server.RemoteAddr() || server.LocalAddr() != listener.Addr() {
			t.Errorf("client %v-%v, server %v-%v", client.LocalAddr(), client.RemoteAddr(), server.LocalAddr(), server.RemoteAddr())
		}
		if other.LocalAddr() == client.LocalAddr() {
			t.Errorf("two connections come from %v", other.LocalAddr())
		}
		if _, _, err := net.SplitHostPort(client.LocalAddr().String()); err != nil {
			t.Error(err)
		}
	})
}

// serve runs handler on listener until the test ends and returns a client
// whose every connection leads there.
func serve(t *testing.T, listener *memnet.Listener, handler http.Handler) *http.Client {
	t.Helper()
	server := &http.Server{Handler: handler}
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	transport := &http.Transport{DialContext: listener.DialContext}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
		serving.Wait()
	})
	return &http.Client{Transport: transport}
}

// connect returns both ends of a new connection; they are closed when the
// test ends.
func connect(t *testing.T, listener *memnet.Listener) (client, server net.Conn) {
	t.Helper()
	accepted := make(chan net.Conn, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			t.Error(err)
		}
		accepted <- conn
	}()
	client, err := listener.DialContext(t.Context(), "tcp", "ignored:80")
	if err != nil {
		t.Fatal(err)
	}
	server = <-accepted
	t.Cleanup(func() {
		client.Close()
		server.Close()
	})
	return client, server
}
