package slacksim

// OpenHome opens the app's Home tab as a person and does not wait. The app gets
// app_home_opened with the view it published last, if any, when the manifest
// subscribes to it (https://docs.slack.dev/reference/events/app_home_opened).
// Acked is the *Failure "home_tab_disabled" or "no_event" otherwise.
func (w *Workspace) OpenHome(user string) *Delivery { return w.openTab(user, "home") }

// OpenMessages opens the tab with the direct messages of the app, as OpenHome
// opens the Home tab.
func (w *Workspace) OpenMessages(user string) *Delivery { return w.openTab(user, "messages") }

func (w *Workspace) openTab(user, tab string) *Delivery {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := w.mayOpen(user, tab)
	if f != nil {
		d := &Delivery{w: w, kind: eventsAPI(), what: "opening the tab " + tab, settled: make(chan struct{})}
		d.settle(f, 0)
		return d
	}
	c := w.dm(user)
	event := map[string]any{
		"type": "app_home_opened", "user": user, "channel": c.ID, "tab": tab, "event_ts": w.now().String(),
	}
	if v := w.homes[user]; v != nil && tab == "home" {
		event["view"] = v.object()
	}
	d, _ := w.emit("app_home_opened", c, event)
	return d
}

// mayOpen tells why a tab does not open, or why the app hears nothing of it.
// w.mu is held.
func (w *Workspace) mayOpen(user, tab string) *Failure {
	u, known := w.users[user]
	switch {
	case !known || u.Deleted:
		return &Failure{"user_not_found", "there is no active user " + user}
	case tab == "home" && !w.app.homeTab:
		return &Failure{"home_tab_disabled", "This app has no Home tab."}
	case tab == "messages" && !w.app.messagesTab:
		return &Failure{"messages_tab_disabled", "Sending messages to this app has been turned off."}
	case !w.app.events["app_home_opened"]:
		return &Failure{"no_event", "the app hears nothing of its Home"}
	}
	return nil
}
