from pydantic import Field

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Model

EVIDENCE_DAYS = 90
"""Days after the decision for which a case keeps what was reported."""

TITLE = "Title of the post; null for a comment."


class ReportedVersion(Model):
    """What a post or comment said when it was reported."""

    version: int = Field(description="Version of the post or comment that was reported.")
    title: str | None = Field(description=TITLE)
    text: str = Field(
        description="At most the first 500 characters: of a comment its Markdown, of a post its "
        "URL and its Markdown."
    )
    reported_at: Timestamp = Field(description="When this version was reported first.")


class Evidence(Model):
    """A version of a post or comment that was reported, whole."""

    version: int = Field(description="Version of the post or comment that was reported.")
    title: str | None = Field(description=TITLE)
    url: str | None = Field(description="Address of a post of the kind `link`.")
    body: str = Field(description="Markdown.")
    body_html: str = Field(description="Sanitized HTML made of `body`.")
    reported_at: Timestamp = Field(description="When this version was reported first.")
