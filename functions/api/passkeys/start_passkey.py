"""POST /me/passkeys/options"""

from cgraph.accounts.passkeys import actions
from cgraph.accounts.passkeys.models import PasskeyOptions
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.post("/me/passkeys/options")
async def start_passkey(caller: CurrentUser) -> PasskeyOptions:
    """Start to add a passkey

    Returns options for `navigator.credentials.create()`; its result goes to `POST /me/passkeys`.

    Refused if the log-in was more than five minutes ago (`POST /auth/confirm`).
    """
    async with database.autocommit() as tx:
        return await actions.start_passkey(tx, caller=caller)


handler = lambda_handler(app)
