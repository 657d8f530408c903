"""Names of files that other people chose."""

from __future__ import annotations

import re

LONGEST_BYTES = 200
_RESERVED = re.compile(r"(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?$")
_FORBIDDEN = re.compile(r'[/\\:*?"<>|]')


def safe_filename(name: str) -> str:
    """Returns a name that is a file in the folder where it is put, on each system: no path, no
    hidden file, and nothing that a terminal obeys or that turns the direction of a line (for Python
    both are not printable, as are halves of surrogate pairs)."""
    printable = "".join(c if c.isprintable() else "_" for c in name)
    cleaned = _FORBIDDEN.sub("_", printable).strip(" .")
    cleaned = _shortened(cleaned) or "file"
    return f"_{cleaned}" if _RESERVED.match(cleaned) else cleaned


def _shortened(name: str) -> str:
    if len(name.encode()) <= LONGEST_BYTES:
        return name
    stem, dot, ending = name.rpartition(".")
    tail = f".{ending}" if dot and len(ending.encode()) <= 16 else ""
    whole = (stem if tail else name).encode()[: LONGEST_BYTES - len(tail.encode())]
    return whole.decode(errors="ignore").rstrip(" .") + tail
