from uuid import UUID

from pydantic import Field

from cgraph.core.fields import Body, Model
from cgraph.media.pictures.models import Picture

PREVIEWS = (
    "What the pages behind its first 5 links say about themselves. Empty until they are read: then "
    "readers get `message.updated`, `post.updated` or `comment.updated`, with the same `version`."
)
PICTURE_BYTES = 60_000
"""Of the picture of a page, as it is kept: in base64 it fits a message of SQS with the texts."""


class Preview(Model):
    """What the page behind a link says about itself."""

    url: str = Field(description="Of the link, in ASCII and without a fragment.")
    title: str = Field(description="At most 200 characters.")
    description: str = Field(description="At most 500 characters; it may be empty.")
    site: str = Field(description="At most 100 characters.")
    picture: Picture | None = Field(
        default=None,
        description="A copy at most 640 pixels wide and high, which we serve: the server of the "
        "page does not learn who reads the text. Null where the page names none.",
    )


class FetchJob(Body):
    """A page to fetch. `id`: of its preview."""

    id: UUID
    url: str


class FetchedPicture(Body):
    """A WebP, in base64."""

    data: str = Field(max_length=4 * PICTURE_BYTES // 3 + 4)
    width: int = Field(ge=1, le=640)
    height: int = Field(ge=1, le=640)


class FetchResult(FetchJob):
    """What a page says about itself, or why it has no preview."""

    title: str = ""
    description: str = ""
    site: str = ""
    picture: FetchedPicture | None = None
    failed: str | None = None
