"""POST /me/tokens"""

from cgraph.accounts.api_tokens import actions
from cgraph.accounts.api_tokens.models import ApiTokenDraft, NewApiToken
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.post("/me/tokens", status_code=201)
async def create_api_token(draft: ApiTokenDraft, caller: CurrentUser) -> NewApiToken:
    """Create an API token

    Returns a token with which a program calls the API as the caller, within the scopes. It is shown
    only once. A program with the token can do nothing with the account itself: it cannot log out,
    change the password, or create tokens. All tokens end when the user changes the password or ends
    all sessions.

    Refused if the log-in was more than five minutes ago (`POST /auth/confirm`), and if the caller
    has 20 tokens that have not expired.
    """
    async with database.autocommit() as tx:
        return await actions.create_api_token(tx, caller=caller, draft=draft)


handler = lambda_handler(app)
