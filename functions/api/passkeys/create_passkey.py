"""POST /me/passkeys"""

from cgraph.accounts.passkeys import actions
from cgraph.accounts.passkeys.models import Passkey, PasskeyDraft
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.post("/me/passkeys", status_code=201)
async def create_passkey(draft: PasskeyDraft, caller: CurrentUser) -> Passkey:
    """Add a passkey

    From now on the caller can log in with it alone (`POST /auth/passkey`), or in place of a code of
    the second factor. The authenticator must have verified the user, by a PIN or biometrics.

    Refused if the log-in was more than five minutes ago, if the challenge is not of the caller or
    was used before, and if the caller has 20 passkeys.
    """
    async with database.autocommit() as tx:
        return await actions.create_passkey(tx, caller=caller, draft=draft)


handler = lambda_handler(app)
