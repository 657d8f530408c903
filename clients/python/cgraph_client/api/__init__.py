"""The HTTP API as methods."""

from cgraph_client.api.client import Client

__all__ = ["Client"]
