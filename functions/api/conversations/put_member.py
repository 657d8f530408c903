"""PUT /conversations/{id}/members/{user_id}"""

from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.conversations.members import actions
from cgraph.chat.conversations.members.models import MemberChange
from cgraph.chat.conversations.models import ConversationMember
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.ADMIN, limit=limits.WRITE)
UNCHANGED = MemberChange()


@app.put("/conversations/{id}/members/{user_id}")
async def put_member(
    id: UUID, user_id: UUID, caller: CurrentUser, change: MemberChange = UNCHANGED
) -> ConversationMember:
    """Add a member to a group, or change a member's role

    Returns the member. A new member has read everything. They see the whole history, or only
    messages from now on if the group's `history` is `from_joining`. Owners and admins add members;
    only the owner gives the roles `admin` and `owner` or changes a role. A new owner replaces the
    caller, who becomes an admin.

    Refused if the user has blocked the caller or the caller the user, if the group has 1000
    members, if the owner changes their own role without naming another owner, and for direct
    conversations.

    Members get `member.added` or `member.updated`; a new member gets `conversation.joined`. If
    nothing changes, there is no event.
    """
    async with database.transaction() as tx:
        return await actions.put_member(
            tx, caller=caller, conversation_id=id, user_id=user_id, change=change
        )


handler = lambda_handler(app)
