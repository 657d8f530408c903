"""What processing makes of a file."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is to be stored under a name."""

    name: str
    path: Path
    content_type: str
    width: int | None = None
    height: int | None = None

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    def described(self) -> dict[str, object]:
        """As `uploads.objects` has it."""
        return {
            "name": self.name,
            "content_type": self.content_type,
            "size": self.size,
            "width": self.width,
            "height": self.height,
        }


@dataclass(frozen=True, slots=True)
class Processed:
    """`files`: the file itself, then its thumbnails from the smallest to the largest."""

    kind: str
    files: list[Stored]
    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None
    animated: bool = False
    placeholder: str | None = None
    waveform: str | None = None
