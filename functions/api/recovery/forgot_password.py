"""POST /auth/password/forgot"""

from cgraph.accounts.recovery import actions
from cgraph.accounts.recovery.models import PasswordResetRequest
from cgraph.core import database, limits, policies
from cgraph.core.http import lambda_handler, new_app

app = new_app(policies.ANYONE, limit=limits.LOG_IN)


@app.post("/auth/password/forgot", status_code=204)
async def forgot_password(request: PasswordResetRequest) -> None:
    """Send a mail with which a lost password is reset

    It goes to the address of the account, and has a link and a token for `POST
    /auth/password/reset`, valid for 30 minutes. The answer is the same, and takes as long, whether
    or not there is such an account. An address gets five mails at once, then one in ten minutes.
    """
    async with database.autocommit() as tx:
        await actions.forgot_password(tx, login=request.login)


handler = lambda_handler(app)
