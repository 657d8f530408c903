-- The previews of posts and comments. The caller has locked the streams, as lock_streams_of() does. `logged` and `audience` are as
-- in writing.sql.

CREATE OR REPLACE FUNCTION set_post_previews(
    post_id uuid, previews jsonb, now_at timestamptz, OUT logged jsonb, OUT audience uuid[]
) LANGUAGE plpgsql AS $$
DECLARE
    post posts;
BEGIN
    UPDATE posts p SET previews = set_post_previews.previews WHERE p.id = post_id RETURNING * INTO post;
    logged := log_post_change(post.id, post.forum_id, post.withheld, post.author_id, 'post.updated', now_at);
    audience := forum_audience(post.forum_id);
END $$;

CREATE OR REPLACE FUNCTION set_comment_previews(
    comment_id uuid, previews jsonb, now_at timestamptz, OUT logged jsonb, OUT audience uuid[]
) LANGUAGE plpgsql AS $$
DECLARE
    comment comments;
BEGIN
    UPDATE comments c SET previews = set_comment_previews.previews WHERE c.id = comment_id RETURNING * INTO comment;
    logged := log_comment_change(
        comment.id, comment.post_id, comment.withheld IS NOT NULL OR comment.below_withheld, 'comment.updated',
        jsonb_build_object('comment', comment_event_json(comment)), now_at);
    audience := forum_audience((SELECT p.forum_id FROM posts p WHERE p.id = comment.post_id));
END $$;
