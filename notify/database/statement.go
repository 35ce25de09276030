package database

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// Prefixed names columns of a table by its alias.
func Prefixed(alias, columns string) string {
	names := strings.Split(columns, ",")
	for i, name := range names {
		names[i] = alias + strings.TrimSpace(name)
	}
	return strings.Join(names, ", ")
}

// Querier is what a transaction and the database have in common.
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// Collect runs a query and reads all of its rows, so that the connection is
// free again when it returns.
func Collect[T any](ctx context.Context, q Querier, scan func(scan func(...any) error) (T, error), query string, args ...any) ([]T, error) {
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

// Exec runs a statement and returns how many rows it changed.
func Exec(ctx context.Context, q Querier, query string, args ...any) (int64, error) {
	result, err := q.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// Params collects the parameters of a statement while its text is written.
// They must be added in the order in which they appear: SQLite numbers $n by
// first appearance.
type Params []any

// List adds values and returns their placeholders: ($1,$2).
func (p *Params) List(values ...any) string {
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

// Table adds rows and returns them as a table, whose columns are column1, column2
// and so on. types are theirs, separated by spaces: PostgreSQL takes those of the
// first row for all. Say CROSS JOIN after it: SQLite would rather read the whole
// of the other table.
func (p *Params) Table(types string, rows [][]any) string {
	list := make([]string, len(rows))
	for i, row := range rows {
		list[i] = p.List(row...)
	}
	first := strings.Split(strings.Trim(list[0], "()"), ",")
	for i, t := range strings.Fields(types) {
		first[i] = "CAST(" + first[i] + " AS " + t + ")"
	}
	list[0] = "(" + strings.Join(first, ",") + ")"
	return "(VALUES " + strings.Join(list, ",") + ")"
}

// Millis is how an instant is written: Unix milliseconds, NULL for zero.
func Millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// Instant reads what moment wrote. Use it as (*instant)(&t).
type Instant time.Time

// Scan implements sql.Scanner.
func (i *Instant) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*i = Instant{}
	case int64:
		*i = Instant(time.UnixMilli(v).UTC())
	default:
		return fmt.Errorf("an instant is kept as a number, not as %T", value)
	}
	return nil
}

// Duration reads a duration kept in milliseconds. Use it as (*span)(&d).
type Duration time.Duration

// Scan implements sql.Scanner.
func (s *Duration) Scan(value any) error {
	v, ok := value.(int64)
	if !ok {
		return fmt.Errorf("a duration is kept as a number, not as %T", value)
	}
	*s = Duration(time.Duration(v) * time.Millisecond)
	return nil
}

// BoolToInt is how a truth value is written.
func BoolToInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// ScanPair reads a row of two texts.
func ScanPair(scan func(...any) error) (s [2]string, err error) {
	err = scan(&s[0], &s[1])
	return s, err
}

// Anys widens a slice for the parameters of a statement.
func Anys[T any](values []T) []any {
	wide := make([]any, len(values))
	for i, v := range values {
		wide[i] = v
	}
	return wide
}

// ScanString reads a row of one text.
func ScanString(scan func(...any) error) (s string, err error) {
	err = scan(&s)
	return s, err
}
