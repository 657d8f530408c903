"""Plays CloudFront in front of the HTTP API, as infra/edge.yaml configures it."""

from dataclasses import replace

from cgraph_local.gateway.asgi import Scope
from cgraph_local.template import Stack

ORIGIN_HOST = "origin.localhost"
"""Requests with this Host pass the edge by, as those to the API's own address on AWS do."""
EDGE_ADDRESS = "198.51.100.1"
"""What the API sees as the address of all clients behind the edge."""
KEY_HEADER = b"x-cgraph-edge"
VIEWER_HEADER = b"x-cgraph-viewer"
KEYS_VARIABLE = "EdgeKeys"
VERSION = "/v1"


class Edge:
    def __init__(self, key: str) -> None:
        self._key = key

    def behind(self, stack: Stack) -> Stack:
        """The stack with an HTTP API that knows the key of the edge."""
        if stack.http_api is None:
            return stack
        variables = {**stack.http_api.stage_variables, KEYS_VARIABLE: f"1.another,{self._key}"}
        return replace(stack, http_api=replace(stack.http_api, stage_variables=variables))

    def origin_request(self, scope: Scope) -> Scope:
        """The request that the edge makes of a client's: the two headers of the edge replace what
        the client sent by these names, and the path has no version any more.
        """
        sent = dict(scope["headers"])
        if sent.get(b"host", b"").decode("latin-1").partition(":")[0] == ORIGIN_HOST:
            return scope
        address, port = scope["client"]
        headers = [
            header for header in scope["headers"] if header[0] not in (KEY_HEADER, VIEWER_HEADER)
        ]
        headers += [(KEY_HEADER, self._key.encode()), (VIEWER_HEADER, address.encode())]
        path: str = scope["path"]
        if path == VERSION or path.startswith(f"{VERSION}/"):
            path = path.removeprefix(VERSION) or "/"
        return {**scope, "headers": headers, "client": (EDGE_ADDRESS, port), "path": path}
