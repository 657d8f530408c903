"""GET /posts/{id}/comments"""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, PageCursor, RawJSONResponse, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.comments.tree import actions
from cgraph.forums.comments.tree.models import CommentLevel, Sort

app = new_app(policies.FORUM_READER, limit=limits.READ)


@app.get(
    "/posts/{id}/comments",
    response_class=RawJSONResponse,
    response_model=None,
    responses={200: {"model": CommentLevel}},
)
async def list_comments(
    id: UUID,
    caller: CurrentUser,
    sort: Sort = Sort.BEST,
    parent: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
    cursor: PageCursor = None,
) -> str:
    """Those that answer the post, or `parent`; each with three replies, and these with three. Every
    level goes on with a cursor of its own, under its own comment as `parent`.
    """
    async with database.reading() as tx:
        return await actions.list_comments(
            tx, caller=caller, post_id=id, parent=parent, sort=sort, cursor=cursor, limit=limit
        )


handler = lambda_handler(app)
