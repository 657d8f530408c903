from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field

from cgraph.core.fields import Body, ManyLines
from cgraph.media.uploads.models import Upload

ATTACHMENTS_AT_MOST = 10

AltText = Annotated[str, ManyLines(1000, required=False)]


class Attachment(Upload):
    """A file of a message, a post or a comment. Those who may see that may see the file."""

    alt: str = Field(description="What it shows, for those who do not see it; it may be empty.")
    spoiler: bool = Field(description="Whether it is to be hidden until the reader asks for it.")


class AttachmentDraft(Body):
    """An upload of the caller that a message, a post or a comment shows."""

    id: UUID = Field(description="Of an upload of the caller that is ready.")
    alt: AltText = Field(default="", description="What it shows: at most 1000 characters.")
    spoiler: bool = Field(default=False, description="Whether to hide it until a reader asks.")


def _from_id(value: object) -> object:
    """An id alone is an attachment without an alt text."""
    return {"id": value} if isinstance(value, str | UUID) else value


def _each_once(value: list[AttachmentDraft]) -> list[AttachmentDraft]:
    if len({each.id for each in value}) < len(value):
        raise ValueError("an upload is attached twice")
    return value


Attachments = Annotated[
    list[Annotated[AttachmentDraft, BeforeValidator(_from_id, json_schema_input_type=UUID | Any)]],
    Field(max_length=ATTACHMENTS_AT_MOST),
    AfterValidator(_each_once),
]


def attachments_column(drafts: Sequence[AttachmentDraft]) -> list[dict[str, Any]]:
    """As the tables keep them."""
    return [draft.model_dump(mode="json") for draft in drafts]
