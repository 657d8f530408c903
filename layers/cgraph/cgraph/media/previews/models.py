from uuid import UUID

from pydantic import Field

from cgraph.core.fields import Body, Model


class Preview(Model):
    """What the page behind a link says about itself. It has no picture: to load that from its
    server would tell that server who reads the message.
    """

    url: str = Field(description="Of the link, in ASCII and without a fragment.")
    title: str = Field(description="At most 200 characters.")
    description: str = Field(description="At most 500 characters; it may be empty.")
    site: str = Field(description="At most 100 characters.")


class FetchJob(Body):
    """A page to fetch. `id`: of its preview."""

    id: UUID
    url: str


class FetchResult(FetchJob):
    """What a page says about itself, or why it has no preview."""

    title: str = ""
    description: str = ""
    site: str = ""
    failed: str | None = None
