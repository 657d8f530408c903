"""CORS, when the HTTP API of the template has a CORS configuration."""

from cgraph_local.gateway.asgi import Headers, HttpResponse
from cgraph_local.template import Cors


class CorsPolicy:
    """As on AWS the gateway answers preflight requests itself and removes the CORS headers of
    functions.
    """

    def __init__(self, cors: Cors) -> None:
        self._cors = cors
        self._preflight: Headers = []
        for name, values in (
            (b"access-control-allow-methods", cors.allow_methods),
            (b"access-control-allow-headers", cors.allow_headers),
        ):
            if values:
                self._preflight.append((name, ",".join(values).encode()))
        if cors.max_age is not None:
            self._preflight.append((b"access-control-max-age", b"%d" % cors.max_age))

    def preflight(self, origin: str) -> HttpResponse:
        allowed = self._allowed(origin)
        return HttpResponse(204, [*allowed, *self._preflight] if allowed else [])

    def apply_to(self, response: HttpResponse, *, origin: str | None) -> HttpResponse:
        headers = [
            header for header in response.headers if not header[0].startswith(b"access-control-")
        ]
        if origin is not None and (allowed := self._allowed(origin)):
            headers += allowed
            if self._cors.expose_headers:
                exposed = ",".join(self._cors.expose_headers).encode()
                headers.append((b"access-control-expose-headers", exposed))
        return HttpResponse(response.status, headers, response.body)

    def _allowed(self, origin: str) -> Headers:
        origins = self._cors.allow_origins
        scheme = origin.partition("://")[0]
        if "*" in origins:
            headers: Headers = [(b"access-control-allow-origin", b"*")]
        elif origin in origins or f"{scheme}://*" in origins:
            headers = [
                (b"access-control-allow-origin", origin.encode("latin-1", "replace")),
                (b"vary", b"origin"),
            ]
        else:
            return []
        if self._cors.allow_credentials:
            headers.append((b"access-control-allow-credentials", b"true"))
        return headers
