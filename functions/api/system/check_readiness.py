"""GET /health/ready"""

from cgraph.core import policies
from cgraph.core.http import lambda_handler, new_app
from cgraph.system import actions
from cgraph.system.models import Readiness

app = new_app(policies.ANYONE, limit=None)


@app.get("/health/ready")
async def check_readiness() -> Readiness:
    """Each dependency with its latency; 503 where one does not answer."""
    return await actions.check_readiness()


handler = lambda_handler(app)
