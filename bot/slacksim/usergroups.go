package slacksim

import (
	"cmp"
	"slices"
	"strconv"
)

// AddUserGroup adds a user group, or replaces the one with the same ID.
func (w *Workspace) AddUserGroup(g UserGroup) {
	g.Members = slices.Clone(g.Members)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.groups[g.ID] = g
}

// groupNamed finds a user group by what follows the @. w.mu is held.
func (w *Workspace) groupNamed(handle string) (UserGroup, bool) {
	for _, g := range w.groups {
		if g.Handle == handle && !g.Disabled {
			return g, true
		}
	}
	return UserGroup{}, false
}

// listUserGroups is usergroups.list.
func listUserGroups(w *Workspace, c *call) (map[string]any, *apiError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := []map[string]any{}
	for _, g := range w.groups {
		if g.Disabled && !c.args.truth("include_disabled") {
			continue
		}
		list = append(list, w.groupObject(g, c.args))
	}
	slices.SortFunc(list, func(a, b map[string]any) int { return cmp.Compare(a["id"].(string), b["id"].(string)) })
	return map[string]any{"usergroups": list}, nil
}

func (w *Workspace) groupObject(g UserGroup, a arguments) map[string]any {
	deleted := int64(0)
	if g.Disabled {
		deleted = w.cfg.Now().Unix()
	}
	v := map[string]any{
		"id": g.ID, "team_id": teamID, "is_usergroup": true, "is_external": false,
		"handle": g.Handle, "name": cmp.Or(g.Name, g.Handle), "description": "", "date_delete": deleted,
	}
	if a.truth("include_users") {
		v["users"] = slices.Clone(g.Members)
	}
	if a.truth("include_count") {
		v["user_count"] = strconv.Itoa(len(g.Members)) // a string in the page's example
	}
	return v
}

// listGroupUsers is usergroups.users.list.
func listGroupUsers(w *Workspace, c *call) (map[string]any, *apiError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	g, known := w.groups[c.args["usergroup"]]
	switch {
	case c.args["usergroup"] == "":
		return nil, invalidArguments("missing required field: usergroup")
	case !known, g.Disabled && !c.args.truth("include_disabled"):
		return nil, refuse("no_such_subteam")
	}
	members := slices.DeleteFunc(slices.Clone(g.Members), func(id string) bool { return w.users[id].Deleted })
	if members == nil {
		members = []string{}
	}
	return map[string]any{"users": members}, nil
}
