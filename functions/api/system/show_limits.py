"""GET /limits"""

from cgraph.core import limits, policies
from cgraph.core.http import lambda_handler, new_app
from cgraph.system import actions
from cgraph.system.models import Limits

app = new_app(policies.ANYONE, limit=limits.ANONYMOUS)


@app.get("/limits")
async def show_limits() -> Limits:
    """Show rate limits and size limits

    Returns how many requests each rate limit allows, and how large messages, requests and groups
    may be. The headers `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` of an answer
    say how much is left of the operation's limit.
    """
    return actions.show_limits()


handler = lambda_handler(app)
