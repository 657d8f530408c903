-- What push messages and mails say, and how long notifications are kept.

-- The language of a user's mails and push messages: one for which cgraph/mail/texts has a module.
ALTER TABLE users ADD COLUMN language text NOT NULL DEFAULT 'en';

-- Whether push messages show the beginning of the text that they are about.
ALTER TABLE notification_preferences ADD COLUMN show_preview boolean NOT NULL DEFAULT false;
