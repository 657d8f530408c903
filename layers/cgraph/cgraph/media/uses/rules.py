"""Attachments of what is written."""

from collections.abc import Mapping, Sequence
from typing import Any

from cgraph.core.errors import FieldError, Refusal, ValidationFailed
from cgraph.media.errors import UploadNotFound, UploadNotReady
from cgraph.media.uses.models import AttachmentDraft, attachments_column

REFUSALS: Mapping[str, type[Refusal]] = {
    "upload_not_found": UploadNotFound,
    "upload_not_ready": UploadNotReady,
}
"""What the SQL function attachment_refusal() returns."""


def require_text(text: str, attachments: Sequence[object] | None, *, field: str) -> None:
    """A text may be empty beside attachments only. Raises ValidationFailed."""
    if not text and not attachments:
        error: FieldError = {"field": field, "code": "blank", "message": "must not be blank"}
        raise ValidationFailed([error])


def edited_attachments(
    attachments: Sequence[Mapping[str, Any]], changes: Sequence[AttachmentDraft] | None
) -> list[dict[str, Any]]:
    """With other alt texts and spoilers, as the tables keep them. Raises UploadNotFound, where a
    change names what is not attached.
    """
    changed = {each["id"]: each for each in attachments_column(changes or [])}
    if not changed.keys() <= {each["id"] for each in attachments}:
        raise UploadNotFound
    return [changed.get(each["id"]) or dict(each) for each in attachments]
