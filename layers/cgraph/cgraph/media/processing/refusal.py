from typing import Literal

Reason = Literal[
    "content_mismatch",
    "malware",
    "not_readable",
    "too_large",
    "too_long",
    "too_many_frames",
    "too_many_pixels",
    "type_mismatch",
    "type_not_supported",
]


class FileRefused(Exception):
    """Why a file is not taken; its owner is told."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason
