"""POST /auth/refresh"""

from cgraph.accounts.auth import actions
from cgraph.accounts.auth.models import RefreshRequest, TokenPair
from cgraph.core import database, limits, policies
from cgraph.core.http import lambda_handler, new_app

app = new_app(policies.ANYONE, limit=limits.ANONYMOUS)


@app.post("/auth/refresh")
async def refresh_session(request: RefreshRequest) -> TokenPair:
    """A new pair for a refresh token, once; its reuse after the grace ends the session."""
    async with database.autocommit() as tx:
        return await actions.refresh_session(tx, refresh_token=request.refresh_token)


handler = lambda_handler(app)
