"""POST /auth/passkey/options"""

from cgraph.accounts.passkeys import actions
from cgraph.accounts.passkeys.models import PasskeyOptions, PasskeyOptionsRequest
from cgraph.core import limits, policies
from cgraph.core.http import AdmittedSender, lambda_handler, new_app

app = new_app(policies.ANYONE, limit=limits.LOG_IN)


@app.post("/auth/passkey/options")
async def start_passkey_login(
    request: PasskeyOptionsRequest, sender: AdmittedSender
) -> PasskeyOptions:
    """Start to use a passkey

    Returns options for `navigator.credentials.get()`, the same for everybody but for the challenge:
    nothing tells which accounts have passkeys.
    """
    return await actions.start_passkey_login(request.purpose)


handler = lambda_handler(app)
