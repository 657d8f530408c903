"""Any other method and path"""

from cgraph.core import policies
from cgraph.core.errors import NotFound
from cgraph.core.http import lambda_handler, new_app

app = new_app(policies.ANYONE, limit=None)

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


@app.api_route("/{path:path}", methods=METHODS, include_in_schema=False)
async def refuse_unknown_route(path: str) -> None:
    """Answers with a problem document like all other refusals, not with API Gateway's own text."""
    raise NotFound(f"There is no route /{path}")


handler = lambda_handler(app)
