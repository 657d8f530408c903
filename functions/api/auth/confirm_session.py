"""POST /auth/confirm"""

from cgraph.accounts.auth import actions
from cgraph.accounts.auth.models import Confirmation
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.post("/auth/confirm", status_code=204)
async def confirm_session(confirmation: Confirmation, caller: CurrentUser) -> None:
    """Confirm the session

    For five minutes the session counts as a fresh log-in, which routes require that change who may
    use the account. A session that began less than five minutes ago needs no confirmation.

    Refused if the password is wrong, and if the account has a second factor and its code is missing
    or wrong. Wrong attempts are limited for each session: ten, then one in ten minutes.
    """
    async with database.autocommit() as tx:
        await actions.confirm_session(tx, caller=caller, confirmation=confirmation)


handler = lambda_handler(app)
