"""The API's documents, and a page that shows them without anything from elsewhere."""

from collections.abc import Callable
from pathlib import Path

from cgraph_local.gateway.asgi import JSON, Reply
from cgraph_local.gateway.problems import Problem, Refused

_PAGE = Path(__file__).with_name("docs.html")
_POLICY = (
    "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
)


def new_documents(folder: Path) -> dict[str, Callable[[], Reply]]:
    """By path; the files are read each time, so they are always the latest."""
    return {
        "/openapi.json": lambda: _document(folder / "openapi.json"),
        "/asyncapi.json": lambda: _document(folder / "asyncapi.json"),
        "/docs": _page,
    }


def _document(path: Path) -> Reply:
    try:
        return Reply(200, [JSON], path.read_bytes())
    except FileNotFoundError:
        raise Refused(Problem.NOT_FOUND, f"{path} has not been generated yet.") from None


def _page() -> Reply:
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", _POLICY.encode()),
    ]
    return Reply(200, headers, _PAGE.read_bytes())
