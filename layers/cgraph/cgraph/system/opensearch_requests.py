"""What an operator asks OpenSearch, which has no address outside of the VPC: one logged request."""

import json
from typing import Any, Literal

from pydantic import Field

from cgraph.core import opensearch
from cgraph.core.fields import Body, Model
from cgraph.core.log import logger

TIMEOUT_SECONDS = 50.0


class OpenSearchRequest(Body):
    method: Literal["GET", "POST", "PUT", "DELETE"] = "GET"
    path: str = Field(
        min_length=1, max_length=2_000, pattern=r"^/[!-~]*$", description="Encoded, with the query."
    )
    body: dict[str, Any] | None = None
    operator: str = Field(
        min_length=1, max_length=300, description="Who asks, for the log: an ARN of AWS."
    )


class OpenSearchAnswer(Model):
    status: int | None = Field(description="Null where this stage has no OpenSearch.")
    answer: Any = Field(description="What it answered: JSON, or the text of /_cat.")


async def ask_opensearch(request: OpenSearchRequest) -> OpenSearchAnswer:
    """Raises OpenSearchUnavailable. The log has the path without the body, which may hold what
    somebody wrote.
    """
    asked = {"operator": request.operator, "method": request.method, "path": request.path}
    logger.info("opensearch_asked", extra=asked)
    if not opensearch.is_configured():
        return OpenSearchAnswer(status=None, answer=None)
    body = json.dumps(request.body).encode() if request.body is not None else b""
    status, answer = await opensearch.request(
        request.method, request.path, body, timeout=TIMEOUT_SECONDS, breaker=False
    )
    return OpenSearchAnswer(status=status, answer=_read(answer))


def _read(answer: bytes) -> Any:
    try:
        return json.loads(answer)
    except ValueError:
        return answer.decode(errors="replace")
