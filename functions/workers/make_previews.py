"""The queue of previews: the consumer `previews`, and pages that were fetched for it"""

from cgraph.chat.messages.previews.actions import make_previews
from cgraph.chat.messages.previews.models import PreviewsJob
from cgraph.core.worker import batch_handler

handler = batch_handler(make_previews, job=PreviewsJob)
