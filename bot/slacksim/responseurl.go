package slacksim

import (
	"net/http"
	"strings"
	"time"
)

// responseURL is the right to answer one person in one channel a few times.
type responseURL struct {
	channel, user string
	issued        time.Time
	uses          int
	original      stamp // message that replace_original and delete_original mean; 0: none yet
	pressed       bool  // … which is the one with the pressed button, and stays it
	replies       *inbox[Message]
}

// newResponse issues a response URL. w.mu is held.
func (w *Workspace) newResponse(channel, user string, replies *inbox[Message]) (*responseURL, string) {
	r := &responseURL{channel: channel, user: user, issued: time.Now(), replies: replies}
	path := teamID + "/" + w.id("", 12) + "/" + w.id("", 24)
	w.responses.put(path, r)
	return r, w.base.String() + responsePath + path
}

// serveResponse answers a POST to a response URL. Slack documents no error
// bodies here; used_url and expired_url with 404 are known from reports, the
// statuses of the other refusals are ours.
func (w *Workspace) serveResponse(rw http.ResponseWriter, r *http.Request) {
	c := Call{Time: time.Now().UTC(), Method: "response_url", Status: http.StatusOK}
	args := arguments{}
	var refused *apiError
	if r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		refused = refuse("invalid_payload")
	} else if refused = args.readBody(rw, r); refused != nil || len(args) == 0 {
		refused = refuse("invalid_payload")
	}
	c.Args = args
	f := w.takeFault(c.Method, nil)
	if w.misbehave(rw, r, f, false, &c) {
		return
	}
	if refused == nil {
		refused = w.respond(strings.TrimPrefix(r.URL.Path, responsePath), args)
	}
	if w.misbehave(rw, r, f, true, &c) {
		return
	}
	switch {
	case refused == nil:
	case refused.code == "used_url", refused.code == "expired_url":
		c.Status = http.StatusNotFound
	default:
		c.Status = http.StatusBadRequest
	}
	w.reply(rw, &c, nil, refused)
}

// respond carries out what was posted to a response URL. A refused request
// does not count as a use.
func (w *Workspace) respond(path string, a arguments) *apiError {
	said, refused := compose(a)
	if refused != nil {
		return refused
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	r, known := w.responses.get(path)
	switch {
	case !known:
		w.complain("the response_url …/%s was never given out, or is long forgotten", path)
		return refuse("expired_url")
	case time.Since(r.issued) > responseLife:
		w.complain("a response_url was used after more than %s", responseLife)
		return refuse("expired_url")
	case r.uses >= responseUses:
		w.complain("a response_url was used more than %d times", responseUses)
		return refuse("used_url")
	case !a.truth("delete_original") && said.empty():
		return refuse("no_text")
	}
	r.uses++
	w.publish(r, said, a, "response_url")
	return nil
}

// publish posts, replaces or deletes what a response URL or the payload of an
// acknowledgement says. w.mu is held.
func (w *Workspace) publish(r *responseURL, said content, a arguments, via string) {
	w.warnings(said)
	in := w.channels[r.channel]
	original := in.find(r.original)
	switch {
	case a.truth("delete_original"):
		w.unpublish(r, in, original)
	case a.truth("replace_original") && original != nil:
		w.replace(r, in, original, said, a)
	default:
		p := w.botPost(said, via)
		if a["response_type"] != "in_channel" {
			p.VisibleTo = r.user
		}
		w.threadResponse(in, p, a)
		w.add(in, p)
		if !r.pressed {
			r.original = p.at
		}
		r.replies.put(p.Message)
		if p.VisibleTo == "" {
			w.announce(in, p)
		}
	}
}

func (w *Workspace) unpublish(r *responseURL, in *conversation, original *post) {
	if original == nil {
		w.complain("delete_original without a message to delete")
		return
	}
	r.original = 0
	gone := original.Message
	gone.Deleted = true
	r.replies.put(gone)
	if gone.VisibleTo == "" {
		w.remove(in, original)
	} else {
		in.drop(original)
	}
}

// replace changes the original. Who sees it cannot change: an ephemeral
// message stays one. For a command the original is the latest answer, which is
// more than people saw Slack do, hence the complaint.
func (w *Workspace) replace(r *responseURL, in *conversation, original *post, said content, a arguments) {
	if a["response_type"] == "in_channel" && original.VisibleTo != "" {
		w.complain("replace_original cannot make an ephemeral message visible in the channel")
	}
	if !r.pressed {
		w.complain("replace_original does nothing in Slack by the response_url of a command, only by that of a press (bolt-js #2287)")
	}
	before := original.Message
	m := before
	m.Text, m.Blocks, m.Attachments, m.Metadata = said.text, said.blocks, said.attachments, said.metadata
	m.Edited = w.now().String()
	original.Message = m
	w.tell(in, original)
	r.replies.put(m)
	if m.VisibleTo == "" {
		w.announceChange(in, original, before)
	}
}

// threadResponse honours thread_ts, which wants in_channel and
// replace_original:false.
func (w *Workspace) threadResponse(in *conversation, p *post, a arguments) {
	ts := a["thread_ts"]
	if ts == "" {
		return
	}
	if p.VisibleTo != "" || a.truth("replace_original") {
		w.complain("a response's thread_ts is ignored without response_type in_channel and replace_original false")
		return
	}
	if refused := w.thread(in, p, ts); refused != nil {
		w.complain("a response's thread_ts is refused: %s", refused.code)
	}
}
