"""The links of a text."""

from cgraph.media.previews.links import html_links, preview_links
from cgraph.previews.models import TextRow


def links_of(text: TextRow) -> list[str]:
    """Those that get a preview; that of a link post is the first."""
    own = [text.url] if text.url else []
    return preview_links([*own, *html_links(text.html)])
