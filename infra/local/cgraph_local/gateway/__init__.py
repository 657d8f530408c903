"""API Gateway on this machine: an HTTP API, a WebSocket API at /ws, and `@connections`. Also
CloudFront in front of the media, on a port of its own.

options = GatewayOptions.from_environment(os.environ, documents=checkout / "docs" / "api")
gateway = Gateway(stack, host=host, options=options)
server = GatewayServer(gateway, port=8000)
await server.start()
gateway.apply(changed_stack)
await server.stop()
"""

from cgraph_local.gateway.gateway import Gateway
from cgraph_local.gateway.media_edge import MediaEdge
from cgraph_local.gateway.media_keys import MediaKeys
from cgraph_local.gateway.media_origin import MediaOrigin
from cgraph_local.gateway.media_policy import response_headers
from cgraph_local.gateway.options import GatewayOptions
from cgraph_local.gateway.server import GatewayServer, MediaServer

__all__ = [
    "Gateway",
    "GatewayOptions",
    "GatewayServer",
    "MediaEdge",
    "MediaKeys",
    "MediaOrigin",
    "MediaServer",
    "response_headers",
]
