"""GET /health"""

from cgraph.core import policies
from cgraph.core.http import lambda_handler, new_app
from cgraph.system.models import Health

app = new_app(policies.ANYONE, limit=None)


@app.get("/health")
async def check_health() -> Health:
    """Check that the API answers

    Uses no other service, needs no session, and counts against no limit.
    """
    return Health(status="ok")


handler = lambda_handler(app)
