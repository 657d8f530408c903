"""POST /auth/register"""

from cgraph.accounts.auth import actions
from cgraph.accounts.auth.models import Registration, Welcome
from cgraph.core import database, limits, policies
from cgraph.core.http import Device, lambda_handler, new_app

app = new_app(policies.ANYONE, limit=limits.REGISTER)


@app.post("/auth/register", status_code=201)
async def register(registration: Registration, device: Device) -> Welcome:
    """A new account, logged in."""
    async with database.autocommit() as tx:
        return await actions.register(tx, registration=registration, device=device)


handler = lambda_handler(app)
