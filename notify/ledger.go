package notify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

const (
	// busyTimeout is how long a statement waits for another process that
	// writes to the same SQLite file.
	busyTimeout = 5 * time.Second
	// openTimeout bounds how long Open retries while others open a fresh file
	// at the same moment, or a PostgreSQL server starts.
	openTimeout = 15 * time.Second
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

// Ledger is the database that knows what was observed and what was said. It is
// the only state: a process that opens it goes on where another stopped.
//
// No method asks a clock, so that a test may run it at any time; instants are
// kept in whole milliseconds.
type Ledger struct {
	db *database

	who atomic.Pointer[identity] // nil until identify

	heard heard // what could not be noted
}

// identity tells a ledger from all others.
type identity struct {
	id      string
	created time.Time // when it got the id
}

// identity is that of this ledger; a zero one until identify.
func (l *Ledger) identity() identity {
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
		return nil, fmt.Errorf("opening the ledger: %w", errors.Join(err, l.db.Close()))
	}
	return l, nil
}

// Connect is Open without waiting for the database: its schema is brought up to
// date by [Ledger.Prepare], or by [Notifier.Run], which goes on trying while the
// database does not answer. Until then every method of the Ledger fails with an error that is
// [Unavailable]. Connect fails only for what waiting does not heal.
func Connect(databaseURL string) (*Ledger, error) {
	d, err := connect(databaseURL)
	if err != nil {
		return nil, fmt.Errorf("opening the ledger: %w", err)
	}
	return &Ledger{db: d}, nil
}

// Close closes the database and ends its goroutines.
func (l *Ledger) Close() error {
	if err := l.db.Close(); err != nil {
		return fmt.Errorf("closing the ledger: %w", err)
	}
	return nil
}

// name is the file or the server, without its password.
func (l *Ledger) name() string { return l.db.name }

// gone reports whether the file is not the one that is open any more.
func (l *Ledger) gone() bool { return l.db.gone() }

// explain adds the usual remedy to an error of the database.
func (l *Ledger) explain(err error) error { return l.db.explain(err) }

// clock is what the clock of the database's server shows; ok is false where it is
// that of this machine.
func (l *Ledger) clock(ctx context.Context) (at time.Time, ok bool, err error) {
	return l.db.clock(ctx)
}

// Within bounds ctx for what somebody wants to know who does not wait for the
// database for longer, and can do without. One that just failed to answer gets
// 30 ms at most, so that several such questions do not add up.
func (l *Ledger) Within(ctx context.Context, wait time.Duration) (context.Context, context.CancelFunc) {
	return l.db.within(ctx, wait)
}

// sqliteScheme is what the URL of a file begins with.
const sqliteScheme = "sqlite://"

// sqliteDSN names a file and what every connection to it begins with. The busy
// timeout comes first because switching to WAL needs it. A lost claim would
// turn a message of unknown fate into one that was never tried, so every
// commit reaches the disk: synchronous is FULL. No connection makes the file:
// one that was deleted must not come back empty behind an open ledger.
func sqliteDSN(path string, writes bool) string {
	query := url.Values{
		"mode":    {"rw"},
		"_pragma": {fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds())},
	}
	if writes {
		query.Set("_txlock", "immediate") // a transaction that reads first must not fail when it writes
		query["_pragma"] = append(query["_pragma"], "journal_mode(WAL)", "synchronous(FULL)")
	} else {
		query["_pragma"] = append(query["_pragma"], "query_only(1)")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()
}

// Prepare brings the schema of a ledger up to date, for up to 15 seconds; then it
// can be used. The error is [Unavailable] when it is worth trying again.
func (l *Ledger) Prepare(ctx context.Context) error {
	steps, err := migrationSteps(migrations)
	if err != nil {
		return err
	}
	return l.db.prepare(ctx, steps, glanceText, lanesText)
}

// remake opens the ledger anew when its file was deleted or replaced. The one that
// was deleted is still open here, so that what it holds can be written again;
// kept reports whether that was done. Otherwise the ledger is empty, or what
// somebody put there. It is not ready then.
func (l *Ledger) remake(ctx context.Context) (kept bool, err error) {
	return l.db.remake(ctx)
}

// isBusy reports whether another process merely was faster: SQLite's file is
// locked (switching a fresh file to WAL does not wait), or PostgreSQL starts.
func isBusy(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		const busy, locked = 5, 6 // https://www.sqlite.org/rescode.html
		return e.Code()&0xff == busy || e.Code()&0xff == locked
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		const starting, serialization, deadlock = "57P03", "40001", "40P01" // https://www.postgresql.org/docs/current/errcodes-appendix.html
		return e.Code == starting || e.Code == serialization || e.Code == deadlock
	}
	return false
}

// querier is what a transaction and the database have in common.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// collect runs a query and reads all of its rows, so that the connection is
// free again when it returns.
func collect[T any](ctx context.Context, q querier, scan func(scan func(...any) error) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return all(rows, scan)
}

// all reads the rows that are left and closes them.
func all[T any](rows *sql.Rows, scan func(scan func(...any) error) (T, error)) ([]T, error) {
	defer rows.Close()
	var read []T
	for rows.Next() {
		one, err := scan(rows.Scan)
		if err != nil {
			return nil, err
		}
		read = append(read, one)
	}
	return read, rows.Err()
}

// exec runs a statement and returns how many rows it changed.
func exec(ctx context.Context, q querier, query string, args ...any) (int64, error) {
	result, err := q.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// params collects the parameters of a statement while its text is written.
// They must be added in the order in which they appear: SQLite numbers $n by
// first appearance.
type params []any

// list adds values and returns their placeholders: ($1,$2).
func (p *params) list(values ...any) string {
	var b strings.Builder
	b.WriteByte('(')
	for i, v := range values {
		*p = append(*p, v)
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "$%d", len(*p))
	}
	b.WriteByte(')')
	return b.String()
}

// table adds rows and returns them as a table, whose columns are column1, column2
// and so on. types are theirs, separated by spaces: PostgreSQL takes those of the
// first row for all. Say CROSS JOIN after it: SQLite would rather read the whole
// of the other table.
func (p *params) table(types string, rows [][]any) string {
	list := make([]string, len(rows))
	for i, row := range rows {
		list[i] = p.list(row...)
	}
	first := strings.Split(strings.Trim(list[0], "()"), ",")
	for i, t := range strings.Fields(types) {
		first[i] = "CAST(" + first[i] + " AS " + t + ")"
	}
	list[0] = "(" + strings.Join(first, ",") + ")"
	return "(VALUES " + strings.Join(list, ",") + ")"
}

// moment is how an instant is written: Unix milliseconds, NULL for zero.
func moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// instant reads what moment wrote. Use it as (*instant)(&t).
type instant time.Time

// Scan implements sql.Scanner.
func (i *instant) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*i = instant{}
	case int64:
		*i = instant(time.UnixMilli(v).UTC())
	default:
		return fmt.Errorf("an instant is kept as a number, not as %T", value)
	}
	return nil
}

// span reads a duration kept in milliseconds. Use it as (*span)(&d).
type span time.Duration

// Scan implements sql.Scanner.
func (s *span) Scan(value any) error {
	v, ok := value.(int64)
	if !ok {
		return fmt.Errorf("a duration is kept as a number, not as %T", value)
	}
	*s = span(time.Duration(v) * time.Millisecond)
	return nil
}

// truth is how a truth value is written.
func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
