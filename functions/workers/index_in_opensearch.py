"""The OpenSearch queue: consumer `opensearch`, which keeps the index in OpenSearch"""

from cgraph.core.worker import batch_handler
from cgraph.events.nudges import Nudge
from cgraph.search.opensearch.consumer import follow_log as index_in_opensearch

handler = batch_handler(index_in_opensearch, job=Nudge)
