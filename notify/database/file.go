package database

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
	"modernc.org/sqlite"
)

// This file knows what the ledger is kept in: what DATABASE_URL may say, and
// what is usually wrong with a file.

// LedgerMode is that of the file: it says who watches what and who changed it,
// which is nobody else's business on the machine. SQLite gives the companions,
// -wal and -shm, the mode of the file.
const LedgerMode = 0o600

// CheckDatabaseURL says in a sentence why a ledger cannot be opened at a URL,
// whatever stands there; nil: it may be. The sentence begins with DATABASE_URL
// and never repeats the value, which may have a password.
func CheckDatabaseURL(databaseURL string) error {
	path, isFile := strings.CutPrefix(databaseURL, "sqlite://")
	switch {
	case isFile && (path == "" || strings.HasPrefix(path, ":")):
		return errors.New("DATABASE_URL names no file: write sqlite://computeunits.db, or sqlite:///var/lib/computeunits.db")
	case isFile && strings.Contains(path, "?"):
		return errors.New("DATABASE_URL has options behind the file, which it does not take: write sqlite://computeunits.db, or sqlite:///var/lib/computeunits.db")
	case isFile && strings.HasSuffix(path, "/"):
		return errors.New("DATABASE_URL names a folder: write the file in it, as in sqlite:///var/lib/computeunits.db")
	case isFile:
		return nil
	case !isPostgres(databaseURL):
		return errors.New("DATABASE_URL must begin with sqlite:// or postgres://")
	}
	if _, err := pgx.ParseConfig(databaseURL); err != nil {
		if file, ok := errors.AsType[*fs.PathError](err); ok {
			return fmt.Errorf("DATABASE_URL names a file that cannot be read: %w", file)
		}
		return errors.New("DATABASE_URL is not an address of PostgreSQL, such as postgres://USER:PASSWORD@HOST:5432/DATABASE (in a password, special characters are written as %40 and the like)")
	}
	return nil
}

func isPostgres(databaseURL string) bool {
	return strings.HasPrefix(databaseURL, "postgres://") || strings.HasPrefix(databaseURL, "postgresql://")
}

// makeFile makes the file of a ledger when it is missing, before SQLite would
// with the mode that the process gives to any file.
func makeFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, LedgerMode)
	if err != nil {
		return err
	}
	return f.Close()
}

// fileError names the file of a ledger in an error about it, and what usually
// helps.
func fileError(path string, err error) error {
	if err == nil {
		return nil
	}
	if remedy := fileRemedy(path, err); remedy != "" {
		return fmt.Errorf("the file %s: %w: %s", path, withoutPath(err), remedy)
	}
	return fmt.Errorf("the file %s: %w", path, withoutPath(err))
}

// fileRemedy is what usually helps against an error; "": nothing is known.
func fileRemedy(path string, err error) string {
	folder := filepath.Dir(path)
	if absolute, err := filepath.Abs(folder); err == nil {
		folder = absolute
	}
	code := 0
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		code = e.Code() & 0xff
	}
	const busy, locked, readOnly, ioError, full, cannotOpen, notDatabase = 5, 6, 8, 10, 13, 14, 26 // https://www.sqlite.org/rescode.html
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("make the folder %s, or name another file in DATABASE_URL", folder)
	case errors.Is(err, syscall.EISDIR):
		return "it is a folder; name a file in it in DATABASE_URL"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS), code == readOnly, code == cannotOpen:
		return fmt.Sprintf("this process, user %d, must be able to write to it and to its folder: chown -R %d %s (the image runs as user 65532, to whom its volume must belong)",
			os.Getuid(), os.Getuid(), folder)
	case code == full, errors.Is(err, syscall.ENOSPC):
		return "the disk is full"
	case code == notDatabase:
		return "it is no ledger; name another file in DATABASE_URL"
	case code == busy, code == locked:
		return "another process holds it"
	case errors.Is(err, context.DeadlineExceeded):
		return "another process holds it, or the disk does not answer"
	case code == ioError:
		return "the disk has trouble, or is one of a network, which SQLite cannot use"
	}
	return ""
}

// withoutPath is an error without the name of the file, which is said already.
func withoutPath(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
