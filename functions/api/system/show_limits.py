"""GET /limits"""

from cgraph.core import limits, policies
from cgraph.core.http import lambda_handler, new_app
from cgraph.system import actions
from cgraph.system.models import Limits

app = new_app(policies.ANYONE, limit=limits.ANONYMOUS)


@app.get("/limits")
async def show_limits() -> Limits:
    """How much, how often, how large."""
    return actions.show_limits()


handler = lambda_handler(app)
