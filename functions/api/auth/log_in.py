"""POST /auth/login"""

from cgraph.accounts.auth import actions
from cgraph.accounts.auth.models import Credentials, Welcome
from cgraph.core import database, limits, policies
from cgraph.core.http import Device, lambda_handler, new_app

app = new_app(policies.ANYONE, limit=limits.REGISTER)


@app.post("/auth/login")
async def log_in(credentials: Credentials, device: Device) -> Welcome:
    """A new session. Ten tries an account, then one a minute; where it has a second factor, a code
    is asked for once the password was right.
    """
    async with database.autocommit() as tx:
        return await actions.log_in(tx, credentials=credentials, device=device)


handler = lambda_handler(app)
