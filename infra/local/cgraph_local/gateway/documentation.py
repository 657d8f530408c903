"""Serves the API documents and a page that shows them. The page loads nothing from other hosts."""

from collections.abc import Callable
from pathlib import Path

from cgraph_local.gateway.asgi import JSON, HttpResponse
from cgraph_local.gateway.problems import Problem, RequestRefused

_PAGE = Path(__file__).with_name("docs.html")
_POLICY = (
    "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
)


def documentation_routes(folder: Path) -> dict[str, Callable[[], HttpResponse]]:
    """Handlers by path. The files are read for each request, so they are always up to date."""
    return {
        "/openapi.json": lambda: _document(folder / "openapi.json"),
        "/asyncapi.json": lambda: _document(folder / "asyncapi.json"),
        "/docs": _page,
    }


def _document(path: Path) -> HttpResponse:
    try:
        return HttpResponse(200, [JSON], path.read_bytes())
    except FileNotFoundError:
        raise RequestRefused(Problem.NOT_FOUND, f"{path} has not been generated yet.") from None


def _page() -> HttpResponse:
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", _POLICY.encode()),
    ]
    return HttpResponse(200, headers, _PAGE.read_bytes())
