"""PUT /posts/{id}/poll"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.parameters import PostId
from cgraph.forums.posts.models import Post
from cgraph.forums.posts.polls import actions
from cgraph.forums.posts.polls.models import PollChoices

app = new_app(policies.FORUM_PARTICIPANT, limit=limits.WRITE)


@app.put("/posts/{id}/poll", **json_body(Post))
async def choose_in_poll(id: PostId, draft: PollChoices, caller: CurrentUser) -> str:
    """Choose in the poll of a post

    Returns the post with the new counts. The choices replace the caller's earlier ones; an
    empty list withdraws them. Users who may post in the forum may choose. Refused if the poll
    is closed (`poll_closed`), the post is deleted or removed (`post_deleted`), or the post has
    no poll, no such option, or allows only one choice (`invalid_choices`).
    """
    async with database.autocommit() as tx:
        return await actions.choose_in_poll(tx, caller=caller, id=id, draft=draft)


handler = lambda_handler(app)
