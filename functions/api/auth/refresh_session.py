"""POST /auth/refresh"""

from cgraph.accounts.auth import actions
from cgraph.accounts.auth.models import RefreshRequest, TokenPair
from cgraph.core import database, limits, policies
from cgraph.core.http import lambda_handler, new_app

app = new_app(policies.ANYONE, limit=limits.ANONYMOUS)


@app.post("/auth/refresh")
async def refresh_session(request: RefreshRequest) -> TokenPair:
    """Exchange a refresh token for new tokens

    Returns a new access token and a new refresh token; the old ones are refused from now on.

    A refresh token is good once. If the reply was lost, the client may repeat the request within 30
    seconds and gets the same tokens, as long as the new refresh token was not used. A later reuse
    is refused and ends the session, because the token may have been stolen.
    """
    async with database.autocommit() as tx:
        return await actions.refresh_session(tx, refresh_token=request.refresh_token)


handler = lambda_handler(app)
