"""POST /auth/totp"""

from cgraph.accounts.auth.second_factor import actions
from cgraph.accounts.auth.second_factor.models import NewSecret, SetUp
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.post("/auth/totp")
async def set_up_totp(asked: SetUp, caller: CurrentUser) -> NewSecret:
    """A secret for an authenticator app; log-ins ask for its codes once one has confirmed it. Tries
    at the password count with those of logging in.
    """
    async with database.autocommit() as tx:
        return await actions.set_up_totp(tx, user_id=caller.id, password=asked.password)


handler = lambda_handler(app)
