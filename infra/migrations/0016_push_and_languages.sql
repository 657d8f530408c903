-- What push messages and mails say, and how long notifications are kept.

-- The language of a user's mails and push messages: one for which cgraph/mail/texts has a module.
ALTER TABLE users ADD COLUMN language text NOT NULL DEFAULT 'en';

-- Whether push messages show the beginning of the text that they are about.
ALTER TABLE notification_preferences ADD COLUMN show_preview boolean NOT NULL DEFAULT false;

-- A case has a stream of its own, which no client follows: consumers of the log read in it what moderators do with reports.
ALTER TABLE streams DROP CONSTRAINT streams_kind_check;
ALTER TABLE streams ADD CONSTRAINT streams_kind_check CHECK (kind IN ('user', 'conv', 'forum', 'post', 'case'));

-- The reporters of a case, some hundred at a time.
DROP INDEX reports_by_case;
CREATE INDEX reports_by_case ON reports (case_id, reporter_id);

-- What expire_notifications() deletes.
CREATE INDEX notifications_by_age ON notifications (updated_at);
CREATE INDEX notification_sources_by_age ON notification_sources (created_at) WHERE notification_id IS NULL;
