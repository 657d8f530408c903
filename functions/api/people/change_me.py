"""PATCH /me"""

from cgraph.accounts.people import actions
from cgraph.accounts.people.models import Me, ProfileChange
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE, scope="profile:write")


@app.patch("/me")
async def change_me(change: ProfileChange, caller: CurrentUser) -> Me:
    """Change the caller's profile

    Returns the new profile. The caller's devices get `user.updated`. An avatar is an upload of the
    caller with the purpose `avatar`; null removes it, and the upload with it.
    """
    async with database.autocommit() as tx:
        return await actions.change_me(tx, id=caller.id, change=change)


handler = lambda_handler(app)
