// Package memnet is a network in memory: simulators listen on it where a test
// runs inside a testing/synctest bubble.
//
// A goroutine that waits on a real socket is never durably blocked, so time in
// a bubble would stand still. Here every wait is a channel operation or a
// sync.Cond, and the clock moves on as soon as all sides are waiting.
//
// Connections behave as TCP does where clients can tell: a write returns once
// the bytes are under way (net.Pipe makes it wait for the reader, so two
// WebSocket peers that send their close frames at the same moment hang),
// bytes sent before a close still arrive, then the reader sees io.EOF and the
// writer syscall.EPIPE, and deadlines wake whoever waits.
//
// Listen inside the bubble, since a channel made outside is not durable there.
// A bubble ends only when its goroutines have: close clients and servers in it.
// A net/http server lingers half a second over a request it did not read to the
// end; let that time pass before the test function returns.
package memnet

import (
	"context"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
)

// Listener is one listening address of a network of its own: whatever address
// its DialContext is asked for, the connection ends here. It is a net.Listener.
type Listener struct {
	accepting chan net.Conn // unbuffered: a connection is either accepted or not made
	closed    chan struct{}
	closing   sync.Once
	dialed    atomic.Uint32
}

// Listen returns a listener ready for Accept and DialContext.
func Listen() *Listener {
	return &Listener{accepting: make(chan net.Conn), closed: make(chan struct{})}
}

// Accept waits for the next connection. After Close it fails with net.ErrClosed.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case <-l.closed:
		return nil, &net.OpError{Op: "accept", Net: network, Addr: l.Addr(), Err: net.ErrClosed}
	case conn := <-l.accepting:
		return conn, nil
	}
}

// Close refuses further connections. Those already accepted live on, as in
// TCP. Closing twice is no error.
func (l *Listener) Close() error {
	l.closing.Do(func() { close(l.closed) })
	return nil
}

// Addr returns 127.0.0.1:80, a form that net.SplitHostPort reads.
func (l *Listener) Addr() net.Addr { return address("127.0.0.1:80") }

// DialContext connects to the listener, whatever addr says, and returns once
// the connection is accepted. It has the signature that http.Transport and
// WebSocket dialers ask for. Errors are *net.OpError: syscall.ECONNREFUSED
// after Close, and the error of ctx.
func (l *Listener) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	local := address("127.0.0.1:" + strconv.Itoa(49151+int(l.dialed.Add(1))))
	refused := func(err error) error {
		return &net.OpError{Op: "dial", Net: network, Source: local, Addr: l.Addr(), Err: err}
	}
	select { // a closed listener refuses even when an Accept still waits
	case <-l.closed:
		return nil, refused(syscall.ECONNREFUSED)
	default:
	}
	client, server := pipe(local, l.Addr())
	select {
	case l.accepting <- server:
		return client, nil
	case <-l.closed:
		return nil, refused(syscall.ECONNREFUSED)
	case <-ctx.Done():
		return nil, refused(ctx.Err())
	}
}

const network = "mem"

// address is a host:port of this network.
type address string

func (a address) Network() string { return network }
func (a address) String() string  { return string(a) }
