package qianfantest

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"sync"

	"computeunits/qianfan"
	"computeunits/qianfan/qianfantest/memnet"
)

// memory is the server's place on a network of its own.
type memory struct {
	start     sync.Once
	server    *http.Server
	transport *http.Transport
	cancel    context.CancelFunc // of every request under way
	serving   sync.WaitGroup
}

// Client returns a client with the server's keys that reaches it in memory, at
// the real address. It has no limits; set them, or anything else, before its
// first call. Inside a bubble, Close the server before the test ends.
func (s *Server) Client() *qianfan.Client {
	return &qianfan.Client{
		AccessKey:    cmp.Or(s.AccessKey, AccessKey),
		SecretKey:    cmp.Or(s.SecretKey, SecretKey),
		SessionToken: s.SessionToken,
		BaseURL:      qianfan.DefaultBaseURL + s.Prefix,
		HTTP:         &http.Client{Transport: s.Transport()},
	}
}

// Transport returns a transport whose every request reaches the server in
// memory, whatever its host, by http and by https without TLS.
func (s *Server) Transport() *http.Transport {
	s.memory.start.Do(func() {
		listener := memnet.Listen()
		ctx, cancel := context.WithCancel(context.Background())
		s.memory.cancel = cancel
		s.memory.server = &http.Server{Handler: s, BaseContext: func(net.Listener) context.Context { return ctx }}
		s.memory.serving.Go(func() { s.memory.server.Serve(listener) }) // until Close
		s.memory.transport = &http.Transport{
			DialContext:         listener.DialContext,
			DialTLSContext:      listener.DialContext,
			MaxIdleConnsPerHost: 64,
			DisableCompression:  true,
		}
	})
	return s.memory.transport
}

// Close cuts every connection in memory. The server must not be asked in
// memory afterwards. It is needed only after Client or Transport.
func (s *Server) Close() {
	s.memory.start.Do(func() {})
	if s.memory.server == nil {
		return
	}
	s.memory.cancel()
	s.memory.server.Close()
	s.memory.serving.Wait()
	s.memory.transport.CloseIdleConnections()
}
