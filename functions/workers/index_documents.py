"""The search queue: consumer `search`, which keeps the documents that Postgres searches"""

from cgraph.core.worker import batch_handler
from cgraph.events.consumer_worker import following
from cgraph.events.nudges import Nudge
from cgraph.search.consumer import CONSUMER as index_documents

handler = batch_handler(following(index_documents), job=Nudge)
