// Package database is a database of SQLite or PostgreSQL as package ledger uses it:
// opening, transactions, the schema's steps, and errors that say what helps. The same
// text of each statement serves both.
//
//   - What is read goes by other connections than what is written, so that nobody who
//     asks waits for a long write.
//   - Nothing depends on the session of a connection, and nothing is prepared on the
//     server, so that a pooler such as PgBouncer may stand in between. Locks are those
//     of transactions.
//   - A database that does not answer stops nothing but what needs it. Whoever can do
//     without it bounds the wait ([DB.Within]); [Unavailable] tells such an error from
//     others.
//   - A file that was deleted while it is open is still there, and is written again
//     ([DB.Remake]); what was put in its place counts.
//   - No error shows the password of a URL.
//
// The steps of a schema are numbered files, applied in order in one transaction each.
// A library for migrations would add a table, a lock and a command line of its own to
// sixty lines that both databases share.
package database
