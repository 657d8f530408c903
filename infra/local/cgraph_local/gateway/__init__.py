"""API Gateway on this machine: an HTTP API, a WebSocket API at /ws, and `@connections`.

options = GatewayOptions.from_environment(os.environ, documents=checkout / "docs" / "api")
gateway = Gateway(stack, host=host, options=options)
server = GatewayServer(gateway, port=8000)
await server.start()
gateway.apply(changed_stack)
await server.stop()
"""

from cgraph_local.gateway.gateway import Gateway
from cgraph_local.gateway.options import GatewayOptions
from cgraph_local.gateway.server import GatewayServer

__all__ = ["Gateway", "GatewayOptions", "GatewayServer"]
