"""Archives that would unpack to far more than they are. Nothing is unpacked here."""

import zipfile
from pathlib import Path

from cgraph.media.processing.refusal import FileRefused

MOST_BYTES = 4 * 1024**3
MOST_RATIO = 200
"""Deflate reaches 1,000; what people pack, seldom 20."""
RATIO_FROM_BYTES = 50 * 1024**2
MOST_ENTRIES = 50_000
MOST_DIRECTORY_BYTES = 16 * 1024**2


def require_harmless(file: Path) -> None:
    """Raises FileRefused for a bomb, and for what says that it is a zip file and is none."""
    size = file.stat().st_size
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES or size - archive.start_dir > MOST_DIRECTORY_BYTES:
                raise FileRefused("too_large")
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise FileRefused("not_readable") from None
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MOST_BYTES or (
        unpacked > RATIO_FROM_BYTES and unpacked > MOST_RATIO * max(size, 1)
    ):
        raise FileRefused("too_large")
    _require_apart(entries)


def _require_apart(entries: list[zipfile.ZipInfo]) -> None:
    """Entries that share their bytes make a small file endless."""
    end = 0
    for entry in sorted(entries, key=lambda each: each.header_offset):
        if entry.header_offset < end:
            raise FileRefused("too_large")
        end = entry.header_offset + entry.compress_size
