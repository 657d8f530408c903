"""The preview fetch queue: reads what pages on the internet say about themselves"""

from cgraph.core.worker import queue_handler
from cgraph.media.previews.models import FetchJob
from cgraph.media.previews.worker import fetch_previews

handler = queue_handler(fetch_previews, job=FetchJob)
