"""PATCH /posts/{id}"""

from uuid import UUID

from fastapi import Response

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, RawJSONResponse, lambda_handler, mark_replay, new_app
from cgraph.forums import policies
from cgraph.forums.posts import actions
from cgraph.forums.posts.models import Post, PostEdit

app = new_app(policies.FORUM_AUTHOR, limit=limits.WRITE)


@app.patch(
    "/posts/{id}",
    response_class=RawJSONResponse,
    response_model=None,
    responses={200: {"model": Post}},
)
async def edit_post(id: UUID, edit: PostEdit, caller: CurrentUser, response: Response) -> str:
    """Only the version that one has seen; how it read goes into its history."""
    async with database.transaction() as tx:
        edited = await actions.edit_post(tx, caller=caller, id=id, edit=edit)
    mark_replay(response, replayed=edited.replayed)
    return edited.shown


handler = lambda_handler(app)
