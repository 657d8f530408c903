-- Attachments of comments, as those of posts: [{"id", "alt", "spoiler"}], whose uses triggers keep.

ALTER TABLE comments ADD COLUMN attachments jsonb NOT NULL DEFAULT '[]';

CREATE TRIGGER comments_attached AFTER INSERT ON comments FOR EACH ROW
    WHEN (NEW.attachments <> '[]') EXECUTE FUNCTION keep_upload_uses('comment');
CREATE TRIGGER comments_reattached AFTER UPDATE OF attachments ON comments FOR EACH ROW
    WHEN (OLD.attachments <> NEW.attachments) EXECUTE FUNCTION keep_upload_uses('comment');
CREATE TRIGGER comments_detached AFTER DELETE ON comments FOR EACH ROW
    WHEN (OLD.attachments <> '[]') EXECUTE FUNCTION keep_upload_uses('comment');
