package database

import (
	"errors"
	"fmt"
	"net/url"
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

// IsBusy reports whether another process merely was faster: SQLite's file is
// locked (switching a fresh file to WAL does not wait), or PostgreSQL starts.
func IsBusy(err error) bool {
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
