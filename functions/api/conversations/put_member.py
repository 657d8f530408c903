"""PUT /conversations/{id}/members/{user_id}"""

from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.conversations.members import actions
from cgraph.chat.conversations.members.models import MemberChange
from cgraph.chat.conversations.models import Member
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.ADMIN, limit=limits.WRITE)
UNCHANGED = MemberChange()


@app.put("/conversations/{id}/members/{user_id}")
async def put_member(
    id: UUID, user_id: UUID, caller: CurrentUser, change: MemberChange = UNCHANGED
) -> Member:
    """Adds somebody to a group, or gives them a role, which only the owner does."""
    async with database.transaction() as tx:
        return await actions.put_member(
            tx, caller=caller, conversation_id=id, user_id=user_id, change=change
        )


handler = lambda_handler(app)
