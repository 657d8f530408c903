"""POST /auth/refresh"""

from cgraph.accounts.auth.sessions import actions
from cgraph.accounts.auth.sessions.models import RefreshRequest, TokenPair
from cgraph.core import database, limits, policies
from cgraph.core.http import lambda_handler, new_app
from cgraph.core.tokens import Kind

app = new_app(policies.ANYONE, limit=limits.REFRESH, vouched_by=Kind.REFRESH)


@app.post("/auth/refresh")
async def refresh_session(request: RefreshRequest) -> TokenPair:
    """Exchange a refresh token for new tokens

    Returns a new access token and a new refresh token. The old access token is accepted for another
    30 seconds, but not beyond its own lifetime, so that requests on their way and other tabs do not
    fail; it ends with the session.

    A refresh token is good once. If the reply was lost, the client may repeat the request within 30
    seconds and gets the same tokens, as long as the new refresh token was not used. A later reuse
    is refused and ends the session, because the token may have been stolen.
    """
    async with database.autocommit() as tx:
        return await actions.refresh_session(tx, refresh_token=request.refresh_token)


handler = lambda_handler(app)
