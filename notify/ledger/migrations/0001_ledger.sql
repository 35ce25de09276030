-- The first ledger. Times are Unix milliseconds, NULL where there is none;
-- truth values are 0 and 1. Every word used here is both SQLite's and
-- PostgreSQL's.

CREATE TABLE setting (
	name  TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
);

-- What is known of the watched services. fingerprint stands for the instances
-- of the last good read; it is empty while one of them is being missed.
CREATE TABLE service (
	id            TEXT   NOT NULL PRIMARY KEY,
	fingerprint   TEXT   NOT NULL,
	read_at       BIGINT,          -- last good, complete read
	tried_at      BIGINT NOT NULL, -- last read of any outcome
	failing_since BIGINT,          -- first failure after read_at
	refused       BIGINT NOT NULL, -- the failure is one that waiting does not heal
	http_status   BIGINT NOT NULL, -- of the failure, as is what follows
	code          TEXT   NOT NULL,
	message       TEXT   NOT NULL,
	request_id    TEXT   NOT NULL,
	outage_from   BIGINT,          -- the last outage that ended
	outage_until  BIGINT,
	noticed       BIGINT           -- expires_at of the reminder that told of the failure
);
CREATE INDEX service_trouble ON service (id) WHERE failing_since IS NOT NULL OR noticed IS NOT NULL;

CREATE TABLE instance (
	service      TEXT   NOT NULL,
	id           TEXT   NOT NULL,
	timing       TEXT   NOT NULL,
	replicas     BIGINT NOT NULL,
	status       TEXT   NOT NULL,
	start_at     BIGINT,
	expires_at   BIGINT,          -- whole seconds; NULL: not known
	expires_raw  TEXT   NOT NULL, -- the expiry as it came, when it could not be read
	zone_assumed BIGINT NOT NULL, -- the expiry came without a zone
	known_at     BIGINT NOT NULL, -- the read that first showed this expires_at
	known_after  BIGINT,          -- the good read before that one
	seen_at      BIGINT NOT NULL, -- the read that brought the row into this state
	missed       BIGINT NOT NULL, -- 0 listed, 1 absent once, 2 gone, 3 no longer listed since it expired
	check_at     BIGINT,          -- when it next needs a decision; NULL: not before the row changes
	PRIMARY KEY (service, id)
);
CREATE INDEX instance_check ON instance (check_at) WHERE check_at IS NOT NULL;
CREATE INDEX instance_expires ON instance (expires_at);

-- The outbox: what was said to a channel, and what is to be said.
CREATE TABLE message (
	key          TEXT   NOT NULL PRIMARY KEY,
	channel      TEXT   NOT NULL,
	kind         TEXT   NOT NULL,
	parent       TEXT   NOT NULL, -- key of the message in whose thread it goes
	day          TEXT   NOT NULL, -- of a digest: 2026-11-24
	created_at   BIGINT NOT NULL,
	due_at       BIGINT NOT NULL, -- when it should have been posted
	earliest_at  BIGINT NOT NULL, -- it cannot have been posted before
	priority     BIGINT NOT NULL, -- by kind; the smallest goes first, then the soonest
	soonest_at   BIGINT NOT NULL,
	attempt      BIGINT NOT NULL,
	unresolved   BIGINT NOT NULL, -- an attempt may have succeeded without the ledger knowing
	claimed_at   BIGINT,          -- the first attempt
	next_at      BIGINT NOT NULL, -- no attempt before: the lease, or a wait
	plain        BIGINT NOT NULL, -- the richer form was rejected
	sent_at      BIGINT,
	ts           TEXT   NOT NULL,
	settled_at   BIGINT,          -- unsent, and nothing is left to say
	shown        TEXT   NOT NULL, -- fingerprint of what was corrected in it; '?' unknown
	edit_at      BIGINT,          -- look whether it needs an edit, not before; NULL: no
	edit_attempt BIGINT NOT NULL,
	last_error   TEXT   NOT NULL
);
CREATE INDEX message_waiting ON message (channel, next_at) WHERE sent_at IS NULL AND settled_at IS NULL;
CREATE INDEX message_edit ON message (channel, edit_at) WHERE edit_at IS NOT NULL;
CREATE INDEX message_parent ON message (parent) WHERE parent <> '';
CREATE INDEX message_created ON message (created_at);

-- What a message carries. One row is one thing that is said once.
CREATE TABLE reminder (
	service    TEXT   NOT NULL,
	instance   TEXT   NOT NULL, -- '' when it is about the service
	expires_at BIGINT NOT NULL, -- unreadable, readable: the UTC day of the outage
	threshold  BIGINT NOT NULL, -- ms before expires_at; digest: the day
	channel    TEXT   NOT NULL,
	kind       TEXT   NOT NULL,
	message    TEXT   NOT NULL,
	PRIMARY KEY (service, instance, expires_at, threshold, channel, kind)
);
CREATE INDEX reminder_message ON reminder (message);

-- A channel that takes nothing for a while, whatever the message.
CREATE TABLE channel (
	id       TEXT   NOT NULL PRIMARY KEY,
	next_at  BIGINT NOT NULL,
	set_at   BIGINT NOT NULL, -- when next_at was decided
	refusals BIGINT NOT NULL, -- in a row; 0: the wait has another reason
	reason   TEXT   NOT NULL
);

-- For people: what became of each message.
CREATE VIEW message_state AS
SELECT key, channel, kind, parent, day, attempt, ts, last_error, created_at, due_at, next_at, sent_at,
	CASE
	WHEN sent_at IS NOT NULL THEN 'sent'
	WHEN settled_at IS NOT NULL THEN 'superseded'
	WHEN unresolved = 1 THEN 'sending'
	WHEN attempt > 0 THEN 'waiting'
	ELSE 'due'
	END AS state
FROM message;
