"""GET /conversations/{id}/members"""

from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.conversations.member_list import actions
from cgraph.chat.conversations.models import ConversationMember
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, PageCursor, PageLimit, json_page, lambda_handler, new_app

app = new_app(policies.MEMBER, limit=limits.READ)


@app.get("/conversations/{id}/members", **json_page(ConversationMember))
async def list_members(
    id: UUID, caller: CurrentUser, limit: PageLimit = 20, cursor: PageCursor = None
) -> str:
    """List the members of a conversation

    A page of members, in the order of their ids. `last_read_seq` is null here.
    """
    async with database.reading(caller) as tx:
        return await actions.list_members(
            tx, caller=caller, conversation_id=id, cursor=cursor, limit=limit
        )


handler = lambda_handler(app)
