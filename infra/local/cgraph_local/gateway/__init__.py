"""API Gateway on this machine: an HTTP API, a WebSocket API at /ws, and `@connections`.

options = GatewayOptions.from_environment(os.environ, documents=checkout / "docs" / "api")
gateway = new_gateway(stack, host, options)
server = GatewayServer(gateway, port=8000)
await server.start()
gateway.apply(changed_stack)
await server.stop()
"""

from cgraph_local.gateway.gateway import Gateway
from cgraph_local.gateway.options import GatewayOptions
from cgraph_local.gateway.server import GatewayServer
from cgraph_local.host import LambdaHost
from cgraph_local.template import Stack

__all__ = ["Gateway", "GatewayOptions", "GatewayServer", "new_gateway"]


def new_gateway(stack: Stack, host: LambdaHost, options: GatewayOptions) -> Gateway:
    return Gateway(stack, host=host, options=options)
