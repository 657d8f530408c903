"""POST /auth/register"""

from cgraph.accounts.auth import actions
from cgraph.accounts.auth.models import NewSession, Registration
from cgraph.core import database, limits, policies
from cgraph.core.http import AdmittedSender, Device, lambda_handler, new_app

app = new_app(policies.ANYONE, limit=limits.REGISTER)


@app.post("/auth/register", status_code=201)
async def register(
    registration: Registration, device: Device, sender: AdmittedSender
) -> NewSession:
    """Register an account

    Creates an account, starts its first session and returns the session's tokens and the user.

    Refused if the username or the e-mail address belongs to another account, whatever its case.
    """
    async with database.autocommit() as tx:
        return await actions.register(tx, registration=registration, device=device, sender=sender)


handler = lambda_handler(app)
