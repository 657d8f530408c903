from dataclasses import dataclass
from uuid import UUID

from cgraph.core.fields import Model
from cgraph.media.uploads.models import Purpose


class UploadRow(Model):
    """An upload that is being processed, as it was announced."""

    id: UUID
    user_id: UUID
    purpose: Purpose
    filename: str
    content_type: str
    size: int
    checksum: str | None
    waveform: str | None


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """An upload that a worker has."""

    id: UUID


@dataclass(frozen=True, slots=True)
class FinishedRow:
    """`outcome`: `done`; `gone`: it was deleted meanwhile; `before`: another worker was first.
    `event`: what was logged, of `done`.
    """

    outcome: str
    event: dict[str, object] | None
