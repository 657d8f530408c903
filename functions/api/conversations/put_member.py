"""PUT /conversations/{id}/members/{user_id}"""

from uuid import UUID

from cgraph import database, limits, policies
from cgraph.conversations.models import Member
from cgraph.http import CurrentUser, lambda_handler, new_app
from cgraph.members import actions
from cgraph.members.models import MemberChange

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
