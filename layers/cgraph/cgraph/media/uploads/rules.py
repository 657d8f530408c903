"""What may be uploaded: plans, and the types that each purpose takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cgraph.media.uploads.models import Purpose

MB = 1024 * 1024
GB = 1024 * MB
PARTS_FROM = 50 * MB
"""A larger file is sent in parts."""
PART_BYTES = 16 * MB
"""S3 takes parts from 5 MB, and 10,000 of them."""
URL_SECONDS = 300
PART_URL_SECONDS = 3600
"""Of a large file: a slow line needs its time for all parts."""

USUAL = "standard"


@dataclass(frozen=True, slots=True)
class Quota:
    """`bytes` in all, `an_hour` uploads begun, `largest` file by kind."""

    bytes: int
    an_hour: int
    largest: Mapping[str, int] = field(default_factory=dict)


PLANS: Mapping[str, Quota] = {
    USUAL: Quota(
        bytes=5 * GB,
        an_hour=300,
        largest={"image": 25 * MB, "video": 200 * MB, "audio": 50 * MB, "file": 100 * MB},
    ),
    "large": Quota(
        bytes=100 * GB,
        an_hour=3000,
        largest={"image": 25 * MB, "video": 2 * GB, "audio": 500 * MB, "file": 1 * GB},
    ),
}
"""By name. Who has no plan, or one that is none of these, has the usual one."""

PICTURE_PURPOSES = frozenset((Purpose.AVATAR, Purpose.ICON, Purpose.BANNER, Purpose.EMOJI))
LARGEST_PICTURE = {Purpose.EMOJI: 1 * MB}
LARGEST_PUBLIC = 10 * MB

IMAGES = frozenset(
    (
        *("image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"),
        *("image/heic", "image/heif"),
    )
)
VIDEOS = frozenset(("video/mp4", "video/webm", "video/quicktime"))
AUDIO = frozenset(
    (
        *("audio/mpeg", "audio/mp4", "audio/ogg", "audio/opus", "audio/webm"),
        *("audio/wav", "audio/x-wav", "audio/wave", "audio/aac", "audio/flac", "audio/x-m4a"),
    )
)


def quota_of(plan: str | None) -> Quota:
    return PLANS.get(plan or USUAL, PLANS[USUAL])


def kind_of(content_type: str) -> str:
    """By what is claimed: the worker looks at the bytes."""
    if content_type in IMAGES:
        return "image"
    if content_type in VIDEOS:
        return "video"
    return "audio" if content_type in AUDIO else "file"


def is_accepted(content_type: str, *, purpose: Purpose) -> bool:
    """An unknown type is a file, which is only downloaded."""
    if purpose in PICTURE_PURPOSES:
        return content_type in IMAGES
    if purpose is Purpose.VOICE:
        return content_type in AUDIO
    return not content_type.startswith(("multipart/", "message/"))


def largest(quota: Quota, *, kind: str, purpose: Purpose) -> int:
    """The largest file in bytes."""
    most = quota.largest[kind]
    if purpose in PICTURE_PURPOSES:
        return min(most, LARGEST_PICTURE.get(purpose, LARGEST_PUBLIC))
    return most


def part_sizes(size: int) -> list[int]:
    """All parts are equal but the last one."""
    whole, rest = divmod(size, PART_BYTES)
    return [PART_BYTES] * whole + ([rest] if rest else [])
