package slacksim

import (
	"cmp"
	"net/url"
	"strings"
	"time"
)

// openConnection is apps.connections.open.
func openConnection(w *Workspace, _ *call) (map[string]any, *apiError) {
	w.mu.Lock()
	ticket := w.uuid()
	w.tickets.put(ticket, time.Now())
	w.mu.Unlock()
	link := url.URL{
		Scheme:   strings.Replace(w.base.Scheme, "http", "ws", 1),
		Host:     w.base.Host,
		Path:     "/link/",
		RawQuery: "ticket=" + ticket + "&app_id=" + appID,
	}
	return map[string]any{"url": link.String()}, nil
}

// authTest is auth.test.
func authTest(w *Workspace, c *call) (map[string]any, *apiError) {
	if c.token == AppToken {
		return map[string]any{"app_name": w.app.name, "app_id": appID}, nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return map[string]any{
		"url":                   "https://" + teamDomain + ".slack.com/",
		"team":                  teamName,
		"user":                  w.users[botUserID].Name,
		"team_id":               teamID,
		"user_id":               botUserID,
		"bot_id":                botID,
		"is_enterprise_install": false,
	}, nil
}

// userInfo is users.info.
func userInfo(w *Workspace, c *call) (map[string]any, *apiError) {
	w.mu.Lock()
	u, known := w.users[c.args["user"]]
	met := w.meets(c.args["user"])
	w.mu.Unlock()
	if !known {
		return nil, refuse("user_not_found")
	}
	zone := cmp.Or(u.TZ, "UTC")
	offset := 0
	if loc, err := time.LoadLocation(zone); err == nil {
		_, offset = w.cfg.Now().In(loc).Zone()
	}
	profile := map[string]any{"real_name": u.RealName, "display_name": u.Name, "team": teamID}
	if u.ID == botUserID {
		profile["bot_id"], profile["api_app_id"] = botID, appID
	}
	user := map[string]any{
		"id": u.ID, "team_id": teamID, "name": u.Name, "real_name": u.RealName, "deleted": u.Deleted,
		"tz": zone, "tz_label": zone, "tz_offset": offset, "profile": profile,
		"is_bot": u.Bot, "is_app_user": u.ID == botUserID,
		"is_restricted": u.Guest || u.UltraGuest, "is_ultra_restricted": u.UltraGuest,
	}
	if u.Stranger {
		profile["team"], user["team_id"] = otherTeamID, otherTeamID
		// Who is in a channel with the app is none to it any more: the team tells
		// (https://docs.slack.dev/reference/objects/user-object, is_stranger).
		user["is_stranger"] = !met
	}
	if c.args.truth("include_locale") {
		user["locale"] = cmp.Or(u.Locale, "en-US")
	}
	return map[string]any{"user": user}, nil
}
