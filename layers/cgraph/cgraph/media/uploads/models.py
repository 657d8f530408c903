import base64
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticKnownError

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, OneLine, Token

MAX_PARTS = 1000

ContentType = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}$"),
    Token("content type"),
]
Checksum = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{43}=$"), Token("SHA-256 in base64")
]
WAVEFORM = r"^[A-Za-z0-9+/]{2,344}={0,2}$"
WAVEFORM_BYTES = 256


def _waveform(value: str) -> str:
    try:
        decoded = base64.b64decode(value, validate=True)
    except ValueError:
        raise PydanticKnownError("string_pattern_mismatch", {"pattern": WAVEFORM}) from None
    if len(decoded) > WAVEFORM_BYTES:
        raise PydanticKnownError("string_too_long", {"max_length": 344})
    return value


Waveform = Annotated[
    str, StringConstraints(pattern=WAVEFORM), AfterValidator(_waveform), Token("base64")
]


class Purpose(StrEnum):
    """What an upload is for. All but attachments and voice messages are public."""

    ATTACHMENT = "attachment"
    AVATAR = "avatar"
    ICON = "icon"
    BANNER = "banner"
    EMOJI = "emoji"
    VOICE = "voice"

    @property
    def is_public(self) -> bool:
        return self not in (Purpose.ATTACHMENT, Purpose.VOICE)


class UploadStatus(StrEnum):
    """How far an upload is. One that is refused stays so."""

    PENDING = "pending"
    PROCESSING = "processing"
    READY = "ready"
    REFUSED = "refused"


class UploadDraft(Body):
    """A file that is to be uploaded."""

    filename: Annotated[str, OneLine(200)] = Field(
        description="As people see it; at most 200 characters."
    )
    content_type: ContentType = Field(description="Its media type, such as `image/jpeg`.")
    size: int = Field(ge=1, le=2**40, description="In bytes: exactly what is sent.")
    purpose: Purpose = Field(default=Purpose.ATTACHMENT, description="What it is for.")
    checksum: Checksum | None = Field(
        default=None,
        description="SHA-256 of the file in base64. The storage then takes no other file.",
    )
    waveform: Waveform | None = Field(
        default=None,
        description="Of a voice message: up to 256 bytes in base64, each the loudness of a moment.",
    )
    in_parts: bool = Field(
        default=False,
        description="Whether it is sent in parts, so that it can be resumed. A file above 50 MB "
        "always is.",
    )
    duration_ms: int | None = Field(
        default=None, ge=1, le=86_400_000, description="Of a voice message, as it was recorded."
    )


class Thumbnail(Model):
    """A smaller picture of the file, as WebP."""

    width: int = Field(description="In pixels.")
    height: int = Field(description="In pixels.")
    path: str = Field(description="Where it is below the address of the media.")
    url: str | None = Field(description="Null in events: ask `POST /uploads/urls`.")


class Upload(Model):
    """A file, as everybody sees it who may see what it is attached to."""

    id: UUID
    kind: Literal["image", "video", "audio", "file"] | None = Field(
        description="Null until it is ready. A `file` is only downloaded, never displayed."
    )
    filename: str = Field(description="As its owner named it, at most 200 characters.")
    content_type: str = Field(
        description="Its media type, such as `image/jpeg`: until it is ready the one that was "
        "declared."
    )
    size: int = Field(description="In bytes.")
    width: int | None = Field(description="In pixels, of a picture or a video; otherwise null.")
    height: int | None = Field(description="In pixels, of a picture or a video; otherwise null.")
    duration_ms: int | None = Field(
        description="How long it plays, in milliseconds; null where nothing plays."
    )
    animated: bool = Field(description="Whether it is a picture of several frames.")
    placeholder: str | None = Field(
        description="A tiny picture as a `data:` URL, to show until the thumbnail is there."
    )
    waveform: str | None = Field(description="Of a voice message: bytes in base64.")
    path: str | None = Field(
        description="Where it is below the address of the media: below `public/` it needs no "
        "signature. Null until it is ready."
    )
    url: str | None = Field(description="Null in events: ask `POST /uploads/urls`.")
    thumbnails: list[Thumbnail] = Field(description="From the smallest to the largest.")


class OwnUpload(Upload):
    """An upload as its owner sees it."""

    status: UploadStatus
    reason: str | None = Field(
        description="Why it was refused: `type_mismatch`, `type_not_supported`, `too_large`, "
        "`too_many_pixels`, `too_many_frames`, `not_readable`, `malware`, `content_mismatch`, "
        "`too_long`."
    )
    purpose: Purpose
    created_at: Timestamp
    ready_at: Timestamp | None = Field(description="Null until it is ready.")


class Part(Model):
    """A part of a large file. Send it with `PUT` to its `url`."""

    number: int = Field(description="From 1 on, in the order of the file.")
    size: int = Field(description="In bytes: exactly what is sent.")
    url: str | None = Field(description="Null for a part that has arrived.")


class UploadParts(Model):
    """The parts of a large file: which have arrived, and where to send the others."""

    parts: list[Part] = Field(description="All, in the order of the file.")
    expires_at: Timestamp = Field(description="When the URLs end. Ask again for new ones.")


class NewUpload(Model):
    """A pending upload and where to send its file.

    Either `POST` a form to `url` with all `fields` and, last, the field `file`. Or, where there are
    `parts`, `PUT` each of them to its URL, and then `POST /uploads/{id}/complete`.
    """

    upload: OwnUpload
    url: str | None
    fields: dict[str, str] | None = Field(
        description="Of the form, by name; null for a file in parts."
    )
    parts: list[Part] | None = Field(description="Null for a file that is sent at once.")
    expires_at: Timestamp = Field(description="When the URLs end.")


class UploadChanged(Model):
    """The data of `upload.ready` and `upload.refused`, which go to the owner only."""

    upload: OwnUpload


@dataclass(frozen=True, slots=True)
class CreatedRow:
    """`outcome`: `created`, or why not. `json`: the OwnUpload."""

    outcome: str
    json: str


@dataclass(frozen=True, slots=True)
class UploadListRow:
    """`json`: an OwnUpload; `id` is its position."""

    id: UUID
    json: str


@dataclass(frozen=True, slots=True)
class PlanRow:
    plan: str


@dataclass(frozen=True, slots=True)
class DeletionRow:
    """`is_used`: then nothing was deleted."""

    is_used: bool
    is_deleted: bool


@dataclass(frozen=True, slots=True)
class PendingRow:
    """What completing an upload in parts needs."""

    id: UUID
    status: str
    size: int
    content_type: str
    multipart_id: str | None
    created_at: datetime
