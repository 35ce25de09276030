-- How far each channel is known: what stands there was compared with the ledger
-- up to known_until. A look-up that takes several pages, the latest first, goes on
-- where the last page ended, also after a restart.
CREATE TABLE lookup (
	channel     TEXT   NOT NULL PRIMARY KEY,
	known_until BIGINT,          -- by this machine's clock; NULL: nothing is known
	scan_until  BIGINT,          -- where the look-up under way began; NULL: none is
	reached     TEXT   NOT NULL, -- Slack's ts of the oldest message that it saw; '' none yet
	next_at     BIGINT           -- no look-up before: Slack asked to wait
);

-- The channel is looked at once more some minutes after an answer in doubt: a
-- message may appear later than that. rechecks is how often that was done.
ALTER TABLE message ADD COLUMN recheck_at BIGINT;
ALTER TABLE message ADD COLUMN rechecks BIGINT NOT NULL DEFAULT 0;
CREATE INDEX message_recheck ON message (channel, recheck_at) WHERE recheck_at IS NOT NULL;
