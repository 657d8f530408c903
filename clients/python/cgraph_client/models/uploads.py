"""Files that people upload."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cgraph_client.models.json_model import JsonModel


@dataclass(frozen=True, slots=True)
class Thumbnail(JsonModel):
    """A smaller picture of a file, as WebP."""

    width: int
    height: int
    path: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment(JsonModel):
    """A file of a message, a post or a comment. `kind` is "image", "video", "audio" or "file".
    `url` is None in an event, and ends after a few minutes: `client.uploads.urls` gives new ones.
    The filename is what its sender wrote: use `safe_filename` before you store anything."""

    id: str
    kind: str | None = None
    filename: str = ""
    content_type: str = "application/octet-stream"
    size: int = 0
    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None
    animated: bool = False
    placeholder: str | None = None
    waveform: str | None = None
    path: str | None = None
    url: str | None = None
    thumbnails: tuple[Thumbnail, ...] = ()
    alt: str | None = None
    spoiler: bool = False


@dataclass(frozen=True, slots=True)
class Picture(JsonModel):
    """An avatar, icon, banner or emoji, which everybody may load. `url` is None in an event: there
    is `path`, below the `media_url` of `client.limits()`."""

    id: str
    path: str
    url: str | None = None
    width: int | None = None
    height: int | None = None
    animated: bool = False
    thumbnails: tuple[Thumbnail, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview(JsonModel):
    """What the page behind a link says about itself. `picture` is a copy that our server has: to
    load it does not tell the server of the page who reads the text."""

    url: str
    title: str
    description: str = ""
    site: str = ""
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Upload(JsonModel):
    """A file of the user, at any time of its life: `status` is "pending", "processing", "ready" or
    "refused", and then `reason` says why."""

    id: str
    status: str
    filename: str
    content_type: str
    size: int
    purpose: str
    created_at: datetime
    kind: str | None = None
    reason: str | None = None
    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None
    path: str | None = None
    url: str | None = None
    thumbnails: tuple[Thumbnail, ...] = ()
    ready_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class UploadPart(JsonModel):
    """A part of a large file; `url` is None once it has arrived."""

    number: int
    size: int
    url: str | None = None


@dataclass(frozen=True, slots=True)
class UploadParts(JsonModel):
    parts: tuple[UploadPart, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewUpload(JsonModel):
    """Where to send a file: a form with `fields` to `url`, or each of the `parts`."""

    upload: Upload
    expires_at: datetime
    url: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[UploadPart, ...] = ()
