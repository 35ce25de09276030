package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// migrateLock keeps PostgreSQL's processes from migrating at once; SQLite's
// immediate transactions do that by themselves. The number means nothing.
const migrateLock = 7041994

// migrate applies the steps that the database lacks, each in a transaction.
func (d schema) migrate(ctx context.Context, steps []string) error {
	for {
		done := false
		err := d.transact(ctx, "updating the schema", func(tx *sql.Tx) error {
			version, err := d.schemaVersion(ctx, tx)
			if err != nil {
				return err
			}
			if version > len(steps) {
				return fmt.Errorf("the ledger has schema version %d, but this program knows only up to %d: a newer version of it used the ledger before; run that one", version, len(steps))
			}
			if done = version == len(steps); done {
				return nil
			}
			if _, err := tx.ExecContext(ctx, steps[version]); err != nil {
				return fmt.Errorf("step %d: %w", version+1, err)
			}
			_, err = Exec(ctx, tx, `UPDATE schema_version SET version = $1`, version+1)
			return err
		})
		if err != nil || done {
			return err
		}
	}
}

// schemaVersion returns how many steps were applied; 0 in a fresh database.
func (d schema) schemaVersion(ctx context.Context, tx *sql.Tx) (int, error) {
	if d.Postgres {
		if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, migrateLock); err != nil {
			return 0, err
		}
	}
	if _, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)`); err != nil {
		return 0, err
	}
	var version int
	err := tx.QueryRowContext(ctx, `SELECT version FROM schema_version`).Scan(&version)
	if errors.Is(err, sql.ErrNoRows) {
		_, err = tx.ExecContext(ctx, `INSERT INTO schema_version (version) VALUES (0)`)
	}
	return version, err
}

// Steps reads the steps of a schema, which are files migrations/NNNN_name.sql, in
// order.
func Steps(files fs.FS) ([]string, error) {
	names, err := fs.Glob(files, "migrations/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	steps := make([]string, len(names))
	for i, name := range names {
		number, _, _ := strings.Cut(strings.TrimPrefix(name, "migrations/"), "_")
		if n, err := strconv.Atoi(number); err != nil || n != i+1 {
			return nil, fmt.Errorf("the schema's step %s should be number %04d", name, i+1)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		steps[i] = string(text)
	}
	return steps, nil
}
