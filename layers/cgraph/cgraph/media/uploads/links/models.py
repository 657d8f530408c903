from typing import Annotated
from uuid import UUID

from pydantic import Field

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model
from cgraph.media.uploads.models import Upload

MAX_UPLOADS = 100


class UploadUrlsRequest(Body):
    """The uploads whose URLs are missing or have ended."""

    uploads: Annotated[list[UUID], Field(min_length=1, max_length=MAX_UPLOADS)] = Field(
        description="Their ids, at most 100."
    )


class UploadUrls(Model):
    """Those that the caller may see now, with their URLs, in the order of the request. The others
    are left out.
    """

    items: list[Upload] = Field(description="Those that were asked for and may be seen.")
    expires_at: Timestamp = Field(
        description="When the signed URLs end. Everybody gets the same ones for some time."
    )
