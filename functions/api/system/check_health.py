"""GET /health"""

from cgraph.core import policies
from cgraph.core.http import lambda_handler, new_app
from cgraph.system.models import Health

app = new_app(policies.ANYONE, limit=None)


@app.get("/health")
async def check_health() -> Health:
    """Check that functions run

    Returns 200 and touches neither the database nor the cache, so that a monitor may call it often.
    """
    return Health(status="ok")


handler = lambda_handler(app)
