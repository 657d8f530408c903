"""GET /limits"""

from cgraph.core import limits, policies
from cgraph.core.http import lambda_handler, new_app
from cgraph.system import actions
from cgraph.system.models import Limits

app = new_app(policies.ANYONE, limit=limits.ANONYMOUS)


@app.get("/limits")
async def show_limits() -> Limits:
    """Show the limits of the API

    Returns the rate limits by name, which are counted for each user, or for each address where
    nobody is signed in, and the largest sizes. `docs/api/policies.md` says which route has which
    rate limit.
    """
    return actions.show_limits()


handler = lambda_handler(app)
