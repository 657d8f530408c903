"""For an operator: sends one request to OpenSearch and returns its answer"""

from cgraph.core.worker import command_handler
from cgraph.system.opensearch_requests import OpenSearchRequest, ask_opensearch

handler = command_handler(ask_opensearch, command=OpenSearchRequest)
