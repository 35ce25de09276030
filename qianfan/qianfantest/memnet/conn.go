package memnet

import (
	"io"
	"net"
	"time"
)

// conn is one end of a connection: two streams seen from one side.
type conn struct {
	in, out       *stream
	local, remote net.Addr
}

// pipe returns both ends of a new connection.
func pipe(client, server net.Addr) (net.Conn, net.Conn) {
	there, back := newStream(), newStream()
	return &conn{in: back, out: there, local: client, remote: server},
		&conn{in: there, out: back, local: server, remote: client}
}

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.in.read(p)
	return n, c.wrap("read", err)
}

func (c *conn) Write(p []byte) (int, error) {
	n, err := c.out.write(p)
	return n, c.wrap("write", err)
}

// Close ends both directions; the peer still reads what was written before.
func (c *conn) Close() error {
	c.in.close(&c.in.reader)
	c.out.close(&c.out.writer)
	return nil
}

func (c *conn) LocalAddr() net.Addr  { return c.local }
func (c *conn) RemoteAddr() net.Addr { return c.remote }

func (c *conn) SetDeadline(t time.Time) error {
	c.in.setDeadline(&c.in.reader, t)
	c.out.setDeadline(&c.out.writer, t)
	return nil
}

func (c *conn) SetReadDeadline(t time.Time) error {
	c.in.setDeadline(&c.in.reader, t)
	return nil
}

func (c *conn) SetWriteDeadline(t time.Time) error {
	c.out.setDeadline(&c.out.writer, t)
	return nil
}

// wrap names the operation and the addresses, as package net does. io.EOF
// stays bare because readers compare it.
func (c *conn) wrap(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: network, Source: c.local, Addr: c.remote, Err: err}
}
