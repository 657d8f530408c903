"""The embedded services: PostgreSQL, Valkey and the emulator of SQS and S3."""

from cgraph_local.core.endpoints import Endpoints
from cgraph_local.services.errors import ServiceFailed
from cgraph_local.services.services import Services

__all__ = ["Endpoints", "ServiceFailed", "Services"]
