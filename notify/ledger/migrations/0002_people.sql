-- What people do in Slack. Users, channels and groups are named by Slack's ids.

-- Services watched besides those of NOTIFY_SERVICES.
CREATE TABLE watch (
	service TEXT   NOT NULL PRIMARY KEY,
	label   TEXT   NOT NULL,
	channel TEXT   NOT NULL, -- '': NOTIFY_CHANNEL
	ladder  TEXT   NOT NULL, -- '': NOTIFY_BEFORE
	owners  TEXT   NOT NULL, -- ids of people and user groups, separated by commas
	fixed   BIGINT NOT NULL, -- 1: it is no watch, it adds owners to a service of NOTIFY_SERVICES
	by_user TEXT   NOT NULL, -- who changed it last
	at      BIGINT NOT NULL,
	since   BIGINT NOT NULL  -- the steps that were crossed before are not late: nobody asked for them
);

-- What people answered to the reminders of one expiry: that it is taken care of
-- (acknowledged: until is NULL), or that they want to hear of it later
-- (snoozed). It is one or the other, so one row; the last answer counts.
CREATE TABLE pause (
	service    TEXT   NOT NULL,
	instance   TEXT   NOT NULL,
	expires_at BIGINT NOT NULL, -- another expiry knows nothing of it: a renewal ends it
	until      BIGINT,
	by_user    TEXT   NOT NULL, -- who answered, or took it back
	at         BIGINT NOT NULL,
	lifted     BIGINT NOT NULL, -- 1: it was taken back
	PRIMARY KEY (service, instance, expires_at)
);
CREATE INDEX pause_expires ON pause (expires_at);

-- Presses name the message by channel and ts.
CREATE INDEX message_ts ON message (channel, ts) WHERE ts <> '';

-- Who changed what. Rows are only ever added.
CREATE TABLE audit (
	at         BIGINT NOT NULL,
	by_user    TEXT   NOT NULL,
	what       TEXT   NOT NULL,
	service    TEXT   NOT NULL, -- '': it is not about a service
	instance   TEXT   NOT NULL,
	expires_at BIGINT,
	origin     TEXT   NOT NULL, -- command, message, button, modal, home
	channel    TEXT   NOT NULL, -- where that was; '': nowhere
	message    TEXT   NOT NULL, -- ts of the message with the button
	was        TEXT   NOT NULL, -- before and after, in words
	becomes    TEXT   NOT NULL
);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_service ON audit (service, what, at);

-- What Slack delivered already: it delivers again what it believes lost.
CREATE TABLE heard (
	id TEXT   NOT NULL PRIMARY KEY,
	at BIGINT NOT NULL
);
CREATE INDEX heard_at ON heard (at);

CREATE TABLE preference (
	person      TEXT NOT NULL PRIMARY KEY,
	language    TEXT NOT NULL, -- '': by Slack's locale
	time_format TEXT NOT NULL  -- '': by the language
);

-- Who has the App Home open, as far as that can be known.
CREATE TABLE viewer (
	person    TEXT   NOT NULL PRIMARY KEY,
	opened_at BIGINT NOT NULL
);
CREATE INDEX viewer_opened ON viewer (opened_at);
