"""GET /health/ready"""

from cgraph.core import policies
from cgraph.core.http import lambda_handler, new_app
from cgraph.system import actions
from cgraph.system.models import Readiness

app = new_app(policies.ANYONE, limit=None)


@app.get("/health/ready")
async def check_readiness() -> Readiness:
    """Check the services that the API depends on

    Returns the latency of each. Where one does not answer that no request can do without, the
    answer is 503 `not_ready`, and `detail` names it. Where the database answers in the place of its
    reader or of OpenSearch, the answer is 200 with `status: degraded`.
    """
    return await actions.check_readiness()


handler = lambda_handler(app)
