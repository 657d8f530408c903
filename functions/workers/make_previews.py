"""The queue of previews: the consumer `previews`, and pages that were fetched for it"""

from cgraph.core.worker import batch_handler
from cgraph.previews.actions import make_previews
from cgraph.previews.models import PreviewsJob

handler = batch_handler(make_previews, job=PreviewsJob)
