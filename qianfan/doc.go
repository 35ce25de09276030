// Package qianfan asks Baidu's Qianfan platform which compute unit instances a
// service runs on, how they are paid, and when they expire.
//
// It knows one action, DescribeComputeUnits of /v2/serviceresources
// (qianfan-api/s/9mwbl2jxf), and everything needed to trust its answer. Paths
// such as this one stand under https://cloud.baidu.com/doc/.
//
// # Model
//
// A [Client] answers a [Query] with a [Reading]: the [Instance] values of one
// service at one moment. A question travels through these steps, each of which
// is a file:
//
//   - call: callers with the same question share one call. Each leaves
//     on its own context; the call ends when the last has left.
//   - retry: failures that may pass are repeated after a random pause, or the
//     one that Retry-After asks for. A caller whose deadline comes before the
//     next attempt gets the last failure at once instead of waiting in vain.
//   - limiter: attempts start evenly spaced and only so many run at once.
//     Background questions use what people leave, and all of it, but neither
//     starves the other: while both wait, a third of the starts and one of the
//     attempts at once are the background's, and one is always left to people.
//   - attempt: one signed request, at most 10 seconds from dial to last byte.
//   - sign: the signature, a pure function pinned by published vectors.
//   - answer, decode, field: what a response means, as pure functions.
//
// What of this libraries do was weighed. x/sync's singleflight gives a shared result to
// all, and cannot let one caller leave; x/time's rate knows no two classes of callers; a
// retrying HTTP client does not know which of this API's refusals pass.
//
// # Invariants
//
//   - An error never looks like an empty list. Only a list that arrived whole,
//     under a successful status and without any error code, is a Reading.
//   - A list is complete only if nothing beside it says otherwise, at any depth and
//     in any spelling: no success, an error, a mark of more pages, a total above the
//     rows, another list of objects, a member that is there twice. Nor is one with a
//     row of which nothing is known. Such an answer is an *Error of the code
//     UnknownForm, and asked for again at the next reading only.
//   - An expiry that is not known is unknown. It never means "does not expire".
//   - One field that cannot be read costs neither its row nor the others. It is
//     logged, and for an expiry kept as text.
//   - Every attempt is signed when it starts, after any wait, because a
//     signature carries its time. It covers the host with its port, x-bce-date
//     and the session token, and nothing that a gateway may rewrite.
//   - A refusal is classified by its code before its status: Baidu's products
//     disagree on the status. Refusals that need a person are asked once.
//   - Redirects are not followed: a signature is good for one address.
//   - No key appears in an error, a log line or the text of a Client.
package qianfan
