"""POST /forums/{slug}/posts"""

from fastapi import Response

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, mark_replay, new_app
from cgraph.forums import policies
from cgraph.forums.parameters import PostingSlug
from cgraph.forums.posts import actions
from cgraph.forums.posts.models import Post, PostDraft

app = new_app(policies.FORUM_PARTICIPANT, limit=limits.WRITE)


@app.post("/forums/{slug}/posts", **json_body(Post, status=201))
async def create_post(
    slug: PostingSlug, draft: PostDraft, caller: CurrentUser, response: Response
) -> str:
    """Create a post

    Returns the post: a text, a link or a poll. The settings of the forum decide who may post.

    The same `nonce` with the same body creates one post: a repeated request answers 200 with
    the post as it is now and the header `Idempotent-Replayed: true`; with another body it is
    refused (`nonce_conflict`). Also refused: tags that the forum does not have, or no tag where
    it requires one (`invalid_tags`); a text that a filter rejects (`filtered`); in slow mode, a
    second post or comment within the pause (`rate_limited`).
    """
    async with database.autocommit() as tx:
        result = await actions.create_post(tx, caller=caller, slug=slug, draft=draft)
    mark_replay(response, replayed=result.replayed)
    return result.json


handler = lambda_handler(app)
