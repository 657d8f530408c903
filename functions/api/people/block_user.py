"""PUT /me/blocks/{user_id}"""

from uuid import UUID

from cgraph.accounts.people.blocks import actions
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE, scope="profile:write")


@app.put("/me/blocks/{user_id}", status_code=204)
async def block_user(user_id: UUID, caller: CurrentUser) -> None:
    """Block a user

    In the direct conversation of the two, neither can send, edit, pin or react to messages, and
    none can be started between them; both may still delete their own messages. Neither can mention
    the other or add the other to a group, and the blocked user cannot add the caller to a forum.
    Neither gets typing, presence or read receipts of the other, anywhere. Messages in groups reach
    all members. Posts and comments of the blocked user are shown to the caller without their text
    (`blocked`).

    The caller's devices get `block.added`; the blocked user gets no event, and sees the caller as
    offline. Blocking a user again changes nothing. Users cannot block themselves.
    """
    async with database.autocommit() as tx:
        await actions.block_user(tx, blocker=caller.id, user_id=user_id)


handler = lambda_handler(app)
