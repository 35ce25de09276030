package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"

	"computeunits/notify/guard"
)

const (
	// maxWriters and maxReaders bound the connections to PostgreSQL; SQLite has
	// one writer anyway, and statements that wait in line for it here cannot meet
	// SQLITE_BUSY among themselves.
	maxWriters = 4
	maxReaders = 4
)

// A DB is where the ledger is kept: a file of SQLite, or a database of
// PostgreSQL. What is read goes by other connections than what is written, so
// that nobody who asks waits for a long write.
//
// Nothing depends on the session of a connection, and statements are not
// prepared on the server: a pooler such as PgBouncer, which gives each
// transaction another connection, may stand in between. Locks are those of
// transactions.
type DB struct {
	url      string
	path     string // of the file; "" for PostgreSQL
	Postgres bool
	Name     string // for people, without the password

	pools atomic.Pointer[pools]
	// silent is when a statement last went unanswered, in Unix nanoseconds; 0: it
	// was answered since.
	silent atomic.Int64

	// ready says that the schema is there. Before that nothing but migrate may
	// use the database.
	ready atomic.Bool
}

// Each of these is a DB with the methods for one part of the work.
type (
	opener   struct{ *DB }
	schema   struct{ *DB }
	lostFile struct{ *DB }
)

// pools are the connections to one database. They are replaced together when a
// file is.
type pools struct {
	writer, reader *sql.DB
	file           os.FileInfo // the one that was opened; nil for PostgreSQL

	// What every pass and every round ask is prepared in SQLite, where that is a
	// matter of this process: most of them find nothing to do, and reading the
	// text would be most of their cost.
	prepared map[string]*sql.Stmt
}

// ErrNotReady is that the database could not be used since the process started.
var ErrNotReady = errors.New("the database has not answered yet")

// Connect makes the connection pools without using them.
func Connect(databaseURL string) (*DB, error) {
	if err := CheckDatabaseURL(databaseURL); err != nil {
		return nil, err
	}
	d := &DB{url: databaseURL}
	if isPostgres(databaseURL) {
		c, err := pgx.ParseConfig(databaseURL)
		if err != nil {
			return nil, err
		}
		d.Postgres, d.Name = true, fmt.Sprintf("the database %s of PostgreSQL at %s:%d", c.Database, c.Host, c.Port)
	} else {
		d.path = databaseURL[len(sqliteScheme):]
		d.Name = "the file " + d.path
	}
	return d, opener{d}.connect()
}

// connect makes new pools, in the place of those that there were.
func (d opener) connect() error {
	open := d.openFile
	if d.Postgres {
		open = d.openServer
	}
	made, err := open()
	if err != nil {
		return err
	}
	if was := d.pools.Swap(made); was != nil {
		return was.close()
	}
	return nil
}

func (d opener) openFile() (*pools, error) {
	if err := makeFile(d.path); err != nil {
		return nil, fileError(d.path, err)
	}
	file, err := os.Stat(d.path)
	if err != nil {
		return nil, fileError(d.path, err)
	}
	writer, err := sql.Open("sqlite", sqliteDSN(d.path, true))
	if err != nil {
		return nil, err
	}
	writer.SetMaxOpenConns(1)
	reader, err := sql.Open("sqlite", sqliteDSN(d.path, false))
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	reader.SetMaxOpenConns(maxReaders)
	reader.SetMaxIdleConns(maxReaders)
	return &pools{writer: writer, reader: reader, file: file}, nil
}

func (d opener) openServer() (*pools, error) {
	c, err := pgx.ParseConfig(d.url)
	if err != nil {
		return nil, err
	}
	switch c.DefaultQueryExecMode {
	case pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec:
		// These name a statement and use it in a later transaction.
		c.DefaultQueryExecMode = pgx.QueryExecModeExec
	}
	writer, reader := stdlib.OpenDB(*c), stdlib.OpenDB(*c)
	for pool, most := range map[*sql.DB]int{writer: maxWriters, reader: maxReaders} {
		pool.SetMaxOpenConns(most)
		pool.SetMaxIdleConns(most)
	}
	return &pools{writer: writer, reader: reader}, nil
}

// Prepare brings the schema up to date, for up to 15 seconds; then the database
// can be used. often are statements that are asked often.
func (d *DB) Prepare(ctx context.Context, steps []string, often ...string) error {
	if d.ready.Load() {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	for {
		err := schema{d}.migrate(limited, steps)
		if err == nil {
			err = schema{d}.prepareOften(limited, often...)
		}
		switch {
		case err == nil:
			d.ready.Store(true)
			return nil
		case errors.Is(ctx.Err(), context.Canceled):
			return ctx.Err()
		case !IsBusy(err):
			return d.Explain(err)
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-limited.Done():
			return d.Explain(err)
		}
	}
}

// Remake opens a file anew after it was deleted or replaced. The one that was
// deleted is still open here, so that what it holds can be written again; kept
// reports whether that was done. Otherwise the new one is empty, or what somebody
// put there. It is not ready then.
func (d *DB) Remake(ctx context.Context) (kept bool, err error) {
	d.ready.Store(false)
	kept = lostFile{d}.rescue(ctx) == nil
	return kept, opener{d}.connect()
}

// prepareOften prepares statements that are asked often.
func (d schema) prepareOften(ctx context.Context, texts ...string) error {
	if d.Postgres {
		return nil
	}
	p := d.pools.Load()
	p.prepared = make(map[string]*sql.Stmt, len(texts))
	for _, text := range texts {
		statement, err := p.reader.PrepareContext(ctx, text)
		if err != nil {
			return err
		}
		p.prepared[text] = statement
	}
	return nil
}

func (p *pools) close() error { return errors.Join(p.reader.Close(), p.writer.Close()) }

// Close ends all connections.
func (d *DB) Close() error { return d.pools.Load().close() }

// QueryContext reads, by the connections for reading.
func (d *DB) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if !d.ready.Load() {
		return nil, ErrNotReady
	}
	p := d.pools.Load()
	if statement := p.prepared[query]; statement != nil {
		rows, err := statement.QueryContext(ctx, args...)
		return rows, d.note(err)
	}
	rows, err := p.reader.QueryContext(ctx, query, args...)
	return rows, d.note(err)
}

// QueryRowContext is QueryContext for one row.
func (d *DB) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	p := d.pools.Load()
	if d.ready.Load() && p.prepared[query] != nil {
		return p.prepared[query].QueryRowContext(ctx, args...)
	}
	return p.reader.QueryRowContext(ctx, query, args...)
}

// ExecContext writes, by a connection for writing.
func (d *DB) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if !d.ready.Load() {
		return nil, ErrNotReady
	}
	result, err := d.pools.Load().writer.ExecContext(ctx, query, args...)
	return result, d.note(err)
}

// begin begins a transaction that writes.
func (d *DB) begin(ctx context.Context) (*sql.Tx, error) {
	tx, err := d.pools.Load().writer.BeginTx(ctx, nil)
	return tx, d.note(err)
}

// snapshot begins a transaction that reads, and sees the database as it is at
// its first statement.
func (d *DB) snapshot(ctx context.Context) (*sql.Tx, error) {
	if !d.ready.Load() {
		return nil, ErrNotReady
	}
	options := &sql.TxOptions{ReadOnly: true}
	if d.Postgres {
		options.Isolation = sql.LevelRepeatableRead
	}
	tx, err := d.pools.Load().reader.BeginTx(ctx, options)
	return tx, d.note(err)
}

// note notes whether the database answered.
func (d *DB) note(err error) error {
	switch {
	case err == nil:
		d.silent.Store(0)
	case Unavailable(err):
		d.silent.Store(time.Now().UnixNano())
	}
	return err
}

const (
	// silentFor is how long a database that did not answer is not waited for:
	// silentWait is all that it gets. An answer ends that.
	silentFor  = 5 * time.Second
	silentWait = 30 * time.Millisecond
)

// Within bounds ctx for what somebody wants to know who does not wait for the
// database for longer, and can do without. One that just failed to answer gets
// 30 ms at most, so that several such questions do not add up.
func (d *DB) Within(ctx context.Context, wait time.Duration) (context.Context, context.CancelFunc) {
	if silent := d.silent.Load(); silent != 0 && time.Since(time.Unix(0, silent)) < silentFor || !d.ready.Load() {
		wait = min(wait, silentWait)
	}
	return context.WithTimeout(ctx, wait)
}

// Gone reports whether the file that is open is not the one that has its name
// any more: somebody deleted it, or put another in its place.
func (d *DB) Gone() bool {
	opened := d.pools.Load().file
	if opened == nil {
		return false
	}
	now, err := os.Stat(d.path)
	return errors.Is(err, os.ErrNotExist) || err == nil && !os.SameFile(opened, now)
}

// rescue writes what is open to a new file where the old one was deleted. Another
// process may have made one by then, which counts.
func (d lostFile) rescue(ctx context.Context) (err error) {
	copied := fmt.Sprintf("%s.%d", d.path, os.Getpid())
	defer func() { err = errors.Join(err, os.Remove(copied)) }()
	if _, err := d.pools.Load().writer.ExecContext(ctx, `VACUUM INTO $1`, copied); err != nil {
		return err
	}
	if err := os.Chmod(copied, LedgerMode); err != nil {
		return err
	}
	return os.Link(copied, d.path) // never in the place of another
}

// Clock returns the time by the server of the database; false: it has none of
// its own.
func (d *DB) Clock(ctx context.Context) (at time.Time, ok bool, err error) {
	if !d.Postgres || !d.ready.Load() {
		return at, false, nil
	}
	err = d.pools.Load().reader.QueryRowContext(ctx, `SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)`).Scan((*Instant)(&at))
	return at, err == nil, err
}

// Unavailable reports whether an error of a Ledger or of a Notifier means that
// the database does not answer at present, which may pass by itself. Nothing
// that was written before is lost; whether the last write was made is not known.
func Unavailable(err error) bool {
	var network net.Error
	var connecting *pgconn.ConnectError
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return false
	case errors.Is(err, ErrNotReady), errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.Is(err, driver.ErrBadConn), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return true
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		// https://www.postgresql.org/docs/current/errcodes-appendix.html
		switch e.Code[:min(2, len(e.Code))] {
		case "08", "53", "57", "58", "40": // connection, resources, operator, system, retry
			return true
		}
		const readOnly, lockTimeout, idleTimeout = "25006", "55P03", "25P03"
		return e.Code == readOnly || e.Code == lockTimeout || e.Code == idleTimeout
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		const busy, locked, interrupted, ioError, full, cannotOpen = 5, 6, 9, 10, 13, 14 // https://www.sqlite.org/rescode.html
		switch e.Code() & 0xff {
		case busy, locked, interrupted, ioError, full, cannotOpen:
			return true
		}
		return false
	}
	return errors.As(err, &connecting) || errors.As(err, &network)
}

// Explain says what is wrong with the database, and what helps, as far as that
// is known. It never names the password.
func (d *DB) Explain(err error) error {
	switch {
	case err == nil:
		return nil
	case d.path != "":
		return fileError(d.path, err)
	}
	if remedy := ServerRemedy(err); remedy != "" {
		return fmt.Errorf("%s: %w: %s", d.Name, err, remedy)
	}
	return fmt.Errorf("%s: %w", d.Name, err)
}

// ServerRemedy is what usually helps against an error of PostgreSQL; "": nothing
// is known.
func ServerRemedy(err error) string {
	code := ""
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		code = e.Code
	}
	switch code {
	case "28P01", "28000":
		return "correct the user and the password in DATABASE_URL, or let the user in by the server's pg_hba.conf"
	case "3D000":
		return "make the database (CREATE DATABASE), or name another one in DATABASE_URL"
	case "42501":
		return "let the user make tables in the database (GRANT CREATE ON SCHEMA public TO ...)"
	case "53300":
		return "the server has no connection left"
	case "57P03":
		return "the server is just starting"
	case "25006":
		return "the server takes no writes: it is a standby, or is being replaced by one"
	}
	if code == "" && Unavailable(err) {
		return "the server does not answer: see whether it runs, and can be reached from here"
	}
	return ""
}

// Write runs f in a transaction that is committed when f returns nil.
func (d *DB) Write(ctx context.Context, doing string, f func(tx *sql.Tx) error) error {
	if !d.ready.Load() {
		return fmt.Errorf("%s: %w", doing, ErrNotReady)
	}
	return d.transact(ctx, doing, f)
}

// transact is write before the ledger is ready.
func (d *DB) transact(ctx context.Context, doing string, f func(tx *sql.Tx) error) error {
	tx, err := d.begin(ctx)
	if err != nil {
		return fmt.Errorf("%s: beginning: %w", doing, err)
	}
	defer tx.Rollback() //nolint:errcheck // after Commit there is nothing to roll back
	if err := guard.Safely(func() error { return f(tx) }); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("%s: committing: %w", doing, err)
	}
	return nil
}

// Read runs f in a transaction in which everything is as it was at one moment.
func (d *DB) Read(ctx context.Context, f func(q Querier) error) error {
	tx, err := d.snapshot(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	return guard.Safely(func() error { return f(tx) })
}
