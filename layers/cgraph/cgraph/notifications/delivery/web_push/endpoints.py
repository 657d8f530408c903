"""The URLs that browsers give as endpoints, which we call: see cgraph.core.outbound."""

from cgraph.core import outbound
from cgraph.core.outbound import Egress, Url

EGRESS: Egress = outbound.HTTPS_ONLY


def parse_endpoint(text: str) -> Url:
    """Raises UrlRefused."""
    return outbound.parse_url(text, egress=EGRESS)
