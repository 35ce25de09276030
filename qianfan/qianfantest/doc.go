// Package qianfantest is a Qianfan of one's own: the part of the API that
// package qianfan calls, as an http.Handler that refuses what the original
// refuses. Tests, the demo and load tests ask it instead of Baidu.
//
// A [Server] holds services and their instances. It verifies every signature
// with code that shares nothing with the client's, answers with the documented
// bodies and errors, and keeps a record of every call. [Fault] values make it
// fail as networks, gateways and the platform do.
//
// It runs wherever an http.Handler does, for instance on loopback, and in
// memory: [Server.Client] returns a client that reaches it inside a
// testing/synctest bubble.
//
// Where the original's behaviour is not documented the stricter reading is
// taken, and the place says so. Paths such as qianfan-api/s/9mwbl2jxf stand
// under https://cloud.baidu.com/doc/.
package qianfantest
