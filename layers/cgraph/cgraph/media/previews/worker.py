"""The worker that fetches pages and their pictures. It runs outside the VPC, because people give
the URLs, and has no right but those on its queues.
"""

from cgraph.core import metrics, queues
from cgraph.core.encoding import encode_json
from cgraph.core.log import logger
from cgraph.core.outbound import Egress
from cgraph.core.settings import settings
from cgraph.media.previews import fetching
from cgraph.media.previews.errors import PreviewFailed
from cgraph.media.previews.models import FetchJob, FetchResult
from cgraph.media.previews.page import read_page
from cgraph.media.previews.pictures import fetch_picture

ACCEPT = {"text/html": True, "application/xhtml+xml": True}
"""The beginning of a page is enough: what it says about itself stands there."""

EGRESS: Egress = fetching.INTERNET


async def fetch_previews(job: FetchJob) -> None:
    """One page. Sends what it finds to the consumer `previews`. Raises QueueUnavailable."""
    result = await preview_of(job)
    body = encode_json({"result": result.model_dump(mode="json", exclude_none=True)})
    queues.send(settings().previews_queue_url, [body], group=f"result-{job.id.hex[0]}")


async def preview_of(job: FetchJob) -> FetchResult:
    """What its page says about itself, or why it has no preview."""
    try:
        fetched = await fetching.fetch(job.url, accept=ACCEPT, egress=EGRESS)
        page = read_page(fetched.body, charset=fetched.charset, url=fetched.url)
    except PreviewFailed as error:
        logger.info("preview_failed", extra={"preview": str(job.id), "reason": error.reason})
        metrics.add_property("previews_failed", 1)
        return FetchResult(id=job.id, url=job.url, failed=error.reason)
    metrics.add_property("previews_fetched", 1)
    return FetchResult(
        id=job.id,
        url=job.url,
        title=page.title,
        description=page.description,
        site=page.site,
        picture=await fetch_picture(page.picture, egress=EGRESS) if page.picture else None,
    )
