package ledger

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"computeunits/notify/database"
)

const (
	// rowsPerStatement bounds the values that one statement names, rowsPerInsert
	// the rows, of up to 14 columns, that it writes, and rowsPerTable those, of up
	// to three, that it compares with. SQLite looks each parameter up in the list
	// of those before it, so that a long statement costs the square of its length.
	rowsPerStatement = 120
	rowsPerInsert    = 40
	rowsPerTable     = 3 * rowsPerInsert
)

// migrations are the steps of the schema, numbered without gaps from 0001. A
// step that was released is never changed: a later one corrects it.
//
//go:embed migrations/*.sql
var migrations embed.FS

// Ledger is the database that knows what was observed and what was said. It is
// the only state: a process that opens it goes on where another stopped.
//
// No method asks a clock, so that a test may run it at any time; instants are
// kept in whole milliseconds.
type Ledger struct {
	DB *database.DB

	// What the ledger is for, by what it is about.
	Readings  Readings  // what Qianfan said
	Decisions Decisions // what is to be said
	Outbox    Outbox    // what waits to be said, and what became of it
	Edits     Edits     // what is said otherwise by now
	Channels  Channels  // how far each is known, and whether it takes anything
	Changes   Changes   // what people watch, acknowledge and snooze
	People    People    // what they sent before, and how they want to be answered
	Reports   Reports   // what a list or the Home shows

	who atomic.Pointer[identity] // nil until identify

	unsaved unsaved // what could not be noted
}

// Each of these is a Ledger with the methods for one purpose.
type (
	Readings  struct{ *Ledger }
	Decisions struct{ *Ledger }
	Outbox    struct{ *Ledger }
	Edits     struct{ *Ledger }
	Channels  struct{ *Ledger }
	Changes   struct{ *Ledger }
	People    struct{ *Ledger }
	Reports   struct{ *Ledger }
)

// identity tells a ledger from all others.
type identity struct {
	ID      string
	created time.Time // when it got the id
}

// Identity is that of this ledger; a zero one until identify.
func (l *Ledger) Identity() identity {
	if who := l.who.Load(); who != nil {
		return *who
	}
	return identity{}
}

// Open opens the ledger at a URL: sqlite://PATH for a file, which is made when
// it is missing (sqlite:///var/lib/x.db is absolute), or postgres://... . It
// brings the schema up to date, and refuses a ledger whose schema is newer
// than this program. It gives up when the database does not answer for 15
// seconds. No error shows the password of the URL.
func Open(ctx context.Context, databaseURL string) (*Ledger, error) {
	l, err := Connect(databaseURL)
	if err != nil {
		return nil, err
	}
	if err := l.Prepare(ctx); err != nil {
		return nil, fmt.Errorf("opening the ledger: %w", errors.Join(err, l.DB.Close()))
	}
	return l, nil
}

// Connect is Open without waiting for the database: its schema is brought up to
// date by [Ledger.Prepare], or by [notify.Notifier.Run], which goes on trying while the
// database does not answer. Until then every method of the Ledger fails with an error that is
// [database.Unavailable]. Connect fails only for what waiting does not heal.
func Connect(databaseURL string) (*Ledger, error) {
	d, err := database.Connect(databaseURL)
	if err != nil {
		return nil, fmt.Errorf("opening the ledger: %w", err)
	}
	l := &Ledger{DB: d}
	l.Readings, l.Decisions, l.Outbox, l.Edits = Readings{l}, Decisions{l}, Outbox{l}, Edits{l}
	l.Channels, l.Changes, l.People, l.Reports = Channels{l}, Changes{l}, People{l}, Reports{l}
	return l, nil
}

// Close closes the database and ends its goroutines.
func (l *Ledger) Close() error {
	if err := l.DB.Close(); err != nil {
		return fmt.Errorf("closing the ledger: %w", err)
	}
	return nil
}

// Within bounds ctx for what somebody wants to know who does not wait for the
// database for longer, and can do without. One that just failed to answer gets
// 30 ms at most, so that several such questions do not add up.
func (l *Ledger) Within(ctx context.Context, wait time.Duration) (context.Context, context.CancelFunc) {
	return l.DB.Within(ctx, wait)
}

// Prepare brings the schema of a ledger up to date, for up to 15 seconds; then it
// can be used. The error is [database.Unavailable] when it is worth trying again.
func (l *Ledger) Prepare(ctx context.Context) error {
	steps, err := database.Steps(migrations)
	if err != nil {
		return err
	}
	return l.DB.Prepare(ctx, steps, pendingQuery, queuesQuery)
}

// Remake opens the ledger anew when its file was deleted or replaced. The one that
// was deleted is still open here, so that what it holds can be written again;
// kept reports whether that was done. Otherwise the ledger is empty, or what
// somebody put there. It is not ready then.
func (l *Ledger) Remake(ctx context.Context) (kept bool, err error) {
	return l.DB.Remake(ctx)
}
