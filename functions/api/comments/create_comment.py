"""POST /posts/{id}/comments"""

from fastapi import Response

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, mark_replay, new_app
from cgraph.forums import policies
from cgraph.forums.comments import actions
from cgraph.forums.comments.models import Comment, CommentDraft
from cgraph.forums.parameters import PostId

app = new_app(policies.FORUM_PARTICIPANT, limit=limits.SEND)


@app.post("/posts/{id}/comments", **json_body(Comment, status=201))
async def create_comment(
    id: PostId, draft: CommentDraft, caller: CurrentUser, response: Response
) -> str:
    """Create a comment

    Returns the comment: a reply to the post, or to the comment `parent_id` under it. Users who
    may post in the forum may comment.

    The same `nonce` with the same body creates one comment: a repeated request answers 200 with
    the comment as it is now and the header `Idempotent-Replayed: true`; with another body it is
    refused (`nonce_conflict`). Also refused: a locked post unless the caller is a
    moderator (`post_locked`), a deleted or
    removed post (`post_deleted`) or parent (`comment_deleted`), a parent that is not under the
    post (`comment_not_in_post`), a text that a filter rejects (`filtered`), and in slow mode a
    second post or comment within the pause (`rate_limited`). An upload that is not the
    caller's own, or not an attachment, is refused (`upload_not_found`), one that is not ready too
    (`upload_not_ready`).
    """
    async with database.autocommit() as tx:
        result = await actions.create_comment(tx, caller=caller, post_id=id, draft=draft)
    mark_replay(response, replayed=result.replayed)
    return result.json


handler = lambda_handler(app)
