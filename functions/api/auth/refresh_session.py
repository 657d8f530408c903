"""POST /auth/refresh"""

from cgraph import database, limits, policies
from cgraph.auth import actions
from cgraph.auth.models import RefreshRequest, TokenPair
from cgraph.http import lambda_handler, new_app

app = new_app(policies.ANYONE, limit=limits.ANONYMOUS)


@app.post("/auth/refresh")
async def refresh_session(request: RefreshRequest) -> TokenPair:
    """A new pair for a refresh token, once; its reuse after the grace ends the session."""
    async with database.autocommit() as tx:
        return await actions.refresh(tx, refresh_token=request.refresh_token)


handler = lambda_handler(app)
