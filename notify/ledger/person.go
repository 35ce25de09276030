package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"computeunits/notify/database"
	"computeunits/notify/plan"
)

// peopleLock lets people change things one after the other in PostgreSQL, whose
// transactions would otherwise both see what was before; SQLite's immediate
// transactions do that by themselves. The number means nothing.
const peopleLock = 7041995

// changeTimeout is how long a change waits for the database: whoever asked for it
// is told then that it was not made.
const changeTimeout = 8 * time.Second

// changeTries is how often a change is tried that a pass of another process got
// in the way of.
const changeTries = 3

// change is write for what a person does.
func (l Changes) change(ctx context.Context, doing string, f func(tx *sql.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, changeTimeout)
	defer cancel()
	for try := 1; ; try++ {
		err := l.DB.Write(ctx, doing, func(tx *sql.Tx) error {
			if l.DB.Postgres {
				if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, peopleLock); err != nil {
					return err
				}
			}
			return f(tx)
		})
		if err == nil || try == changeTries || !database.IsBusy(err) {
			return err
		}
	}
}

// audit adds rows in the transaction that makes the changes.
func audit(ctx context.Context, tx *sql.Tx, entries ...plan.Entry) error {
	for chunk := range slices.Chunk(entries, rowsPerInsert) {
		var p database.Params
		values := make([]string, len(chunk))
		for i, e := range chunk {
			values[i] = p.List(e.At.UnixMilli(), plan.Storable(e.By), e.What, plan.Storable(e.About.Service), plan.Storable(e.About.Instance), database.Millis(e.About.Expires),
				e.Origin, plan.Storable(e.Channel), plan.Storable(e.Message), plan.Storable(e.Was), plan.Storable(e.Become))
		}
		if _, err := database.Exec(ctx, tx, `INSERT INTO audit (`+auditColumns+`) VALUES `+strings.Join(values, ","), p...); err != nil {
			return err
		}
	}
	return nil
}

const auditColumns = `at, by_user, what, service, instance, expires_at, origin, channel, message, was, becomes`

func scanEntry(scan func(...any) error) (e plan.Entry, err error) {
	err = scan((*database.Instant)(&e.At), &e.By, &e.What, &e.About.Service, &e.About.Instance, (*database.Instant)(&e.About.Expires),
		&e.Origin, &e.Channel, &e.Message, &e.Was, &e.Become)
	return e, err
}

// Entries returns the latest rows of the audit, the latest first; at most limit.
func (l Reports) Entries(ctx context.Context, limit int) ([]plan.Entry, error) {
	all, err := database.Collect(ctx, l.DB, scanEntry, `SELECT `+auditColumns+` FROM audit ORDER BY at DESC LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("reading the audit: %w", err)
	}
	return all, nil
}

// unsaved holds what could not be noted because the database did not answer, so
// that it is noted with what comes next.
type unsaved struct {
	mu   sync.Mutex
	owed []seenID
}

type seenID struct {
	id string
	at time.Time
}

// maxOwed bounds what is owed; the oldest is forgotten first.
const maxOwed = 1000

func (h *unsaved) owe(one ...seenID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.owed = append(h.owed, one...)
	h.owed = h.owed[max(0, len(h.owed)-maxOwed):]
}

// take returns some of what is owed, which is not owed any more.
func (h *unsaved) take() []seenID {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := min(len(h.owed), rowsPerInsert)
	some := slices.Clone(h.owed[:n])
	h.owed = h.owed[n:]
	return some
}

func (h *unsaved) owes(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.ContainsFunc(h.owed, func(one seenID) bool { return one.id == id })
}

func (h *unsaved) forget(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.owed = slices.DeleteFunc(h.owed, func(one seenID) bool { return one.id == id })
}

// seenKept is how long deliveries are remembered at least; Slack tries for an
// hour at most.
const seenKept = 6 * time.Hour

// MarkSeen notes that Slack delivered something, and reports whether it is the
// first time. id names the event, the envelope or the press. It is remembered
// for at least six hours, also over a restart. When the database does not answer
// within ctx, the memory of the process has to do: first is then by that, beside
// the error, and the id is noted with the next one.
func (l People) MarkSeen(ctx context.Context, id string, now time.Time) (first bool, err error) {
	id = plan.Storable(id)
	if l.unsaved.owes(id) {
		return false, nil
	}
	n, err := l.note(ctx, seenID{id, now})
	if err != nil {
		l.unsaved.owe(seenID{id, now})
		return true, fmt.Errorf("recording what Slack delivered: %w", err)
	}
	if owed := l.unsaved.take(); len(owed) > 0 {
		if _, err := l.note(ctx, owed...); err != nil {
			l.unsaved.owe(owed...)
		}
	}
	return n == 1, nil
}

// note writes deliveries, and reports how many of them were not known.
func (l People) note(ctx context.Context, all ...seenID) (int64, error) {
	var p database.Params
	values := make([]string, len(all))
	for i, one := range all {
		values[i] = p.List(one.id, one.at.UnixMilli())
	}
	return database.Exec(ctx, l.DB, `INSERT INTO heard (id, at) VALUES `+strings.Join(values, ",")+` ON CONFLICT DO NOTHING`, p...)
}

// Unmark takes back what Hear noted: who says the same id next is the first
// again.
func (l People) Unmark(ctx context.Context, id string) error {
	l.unsaved.forget(plan.Storable(id))
	if _, err := database.Exec(ctx, l.DB, `DELETE FROM heard WHERE id = $1`, plan.Storable(id)); err != nil {
		return fmt.Errorf("taking back what was recorded: %w", err)
	}
	return nil
}

// Preference returns that of a person; an empty one when they never said.
func (l People) Preference(ctx context.Context, person string) (plan.Preference, error) {
	p, err := preference(ctx, l.DB, person)
	if err != nil {
		return p, fmt.Errorf("reading the preference of %s: %w", person, err)
	}
	return p, nil
}

func preference(ctx context.Context, q database.Querier, person string) (plan.Preference, error) {
	all, err := database.Collect(ctx, q, func(scan func(...any) error) (p plan.Preference, err error) {
		err = scan(&p.Language, &p.TimeFormat)
		return p, err
	}, `SELECT language, time_format FROM preference WHERE person = $1`, person)
	if err != nil || len(all) == 0 {
		return plan.Preference{}, err
	}
	return all[0], nil
}

// SetPreference sets that of the person who asks for it.
func (l People) SetPreference(ctx context.Context, c plan.Change, p plan.Preference) error {
	p = plan.Preference{Language: plan.Storable(p.Language), TimeFormat: plan.Storable(p.TimeFormat)}
	return l.Changes.change(ctx, "recording the preference of "+c.By, func(tx *sql.Tx) error {
		was, err := preference(ctx, tx, c.By)
		if err != nil || was == p {
			return err
		}
		if _, err := database.Exec(ctx, tx, `INSERT INTO preference (person, language, time_format) VALUES ($1, $2, $3)
			ON CONFLICT (person) DO UPDATE SET language = excluded.language, time_format = excluded.time_format`,
			c.By, p.Language, p.TimeFormat); err != nil {
			return err
		}
		return audit(ctx, tx, plan.Entry{Change: c, What: "preference", Was: was.String(), Become: p.String()})
	})
}

// viewersKept is how long somebody who opened the App Home is taken to look at
// it: Slack tells when it is opened, never when it is left.
const viewersKept = 24 * time.Hour

// View notes that a person opened the App Home.
func (l People) View(ctx context.Context, person string, now time.Time) error {
	if _, err := database.Exec(ctx, l.DB, `INSERT INTO viewer (person, opened_at) VALUES ($1, $2)
		ON CONFLICT (person) DO UPDATE SET opened_at = excluded.opened_at`, person, now.UnixMilli()); err != nil {
		return fmt.Errorf("recording who looks at the App Home: %w", err)
	}
	return nil
}

// Viewers returns who opened the App Home within the last day, the latest first.
func (l People) Viewers(ctx context.Context, now time.Time) ([]string, error) {
	all, err := database.Collect(ctx, l.DB, database.ScanString, `SELECT person FROM viewer WHERE opened_at > $1 ORDER BY opened_at DESC, person`,
		now.Add(-viewersKept).UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("reading who looks at the App Home: %w", err)
	}
	return all, nil
}
