"""DELETE /conversations/{id}/members/{user_id}"""

from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.conversations.members import actions
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.ADMIN_OR_TARGET, limit=limits.WRITE)


@app.delete("/conversations/{id}/members/{user_id}", status_code=204)
async def remove_member(id: UUID, user_id: UUID, caller: CurrentUser) -> None:
    """Remove a member from a group, or leave it

    The owner removes everybody, an admin only members, and every member can leave. An owner who
    leaves must first make another member the owner, unless the group has no other member. The
    members of a direct conversation do not change.

    The remaining members get `member.removed`, the removed member `conversation.left`; after it
    they get no further event of the conversation.
    """
    async with database.transaction() as tx:
        await actions.remove_member(tx, caller=caller, conversation_id=id, user_id=user_id)


handler = lambda_handler(app)
