-- A channel whose id changes at Slack, because it is shared with another
-- organisation, keeps in the ledger the one under which it was known first: that
-- is part of the key of all that was said there.
CREATE TABLE channel_id (
	id      TEXT   NOT NULL PRIMARY KEY, -- as Slack calls the channel, or once did
	channel TEXT   NOT NULL,             -- as the ledger does
	at      BIGINT NOT NULL              -- when that was learnt: the latest is how Slack calls it now
);
CREATE INDEX channel_id_channel ON channel_id (channel, at);
