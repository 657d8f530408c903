"""Videos and sounds: probed for what they are, and kept without their metadata."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cgraph.media.processing.metadata import without_metadata
from cgraph.media.processing.refusal import FileRefused
from cgraph.media.processing.results import Processed, Stored
from cgraph.media.processing.waveforms import waveform_of_wav

LONGEST_MS = 12 * 3600 * 1000
LONGEST_VOICE_MS = 15 * 60 * 1000
MOST_PIXELS = 7680 * 4320
"""Of a frame: 8K."""

CONTAINERS = {
    "video/mp4": {"MPEG-4"},
    "audio/mp4": {"MPEG-4"},
    "video/quicktime": {"MPEG-4", "QuickTime"},
    "video/webm": {"WebM", "Matroska"},
    "audio/mpeg": {"MPEG Audio"},
    "audio/ogg": {"Ogg"},
    "audio/wav": {"Wave"},
    "audio/aac": {"ADTS"},
    "audio/flac": {"FLAC"},
}
"""What MediaInfo calls the files of a type."""

NAMES = {
    "video/mp4": "mp4",
    "audio/mp4": "m4a",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "audio/webm": "weba",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/aac": "aac",
    "audio/flac": "flac",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """`width`, `height`: of a video."""

    duration_ms: int
    width: int | None
    height: int | None


def process_recording(
    file: Path, content_type: str, *, into: Path, voice: bool, waveform: str | None
) -> Processed:
    """Raises FileRefused."""
    facts = probe(file, content_type)
    if facts.duration_ms > (LONGEST_VOICE_MS if voice else LONGEST_MS):
        raise FileRefused("too_long")
    is_video = facts.width is not None
    if voice and is_video:
        raise FileRefused("type_mismatch")
    served = _served_type(content_type, is_video=is_video)
    path = into / f"original.{NAMES[served]}"
    without_metadata(file, content_type, to=path)
    if voice and waveform is None and served == "audio/wav":
        waveform = waveform_of_wav(path)
    return Processed(
        kind="video" if is_video else "audio",
        files=[Stored(path.name, path, served, facts.width, facts.height)],
        width=facts.width,
        height=facts.height,
        duration_ms=facts.duration_ms,
        waveform=waveform if voice else None,
    )


def _served_type(content_type: str, *, is_video: bool) -> str:
    """A file in boxes or of Matroska may have sound only, whatever it was sent as."""
    if is_video:
        return "video/mp4" if content_type == "audio/mp4" else content_type
    return {
        "video/mp4": "audio/mp4",
        "video/quicktime": "audio/mp4",
        "video/webm": "audio/webm",
    }.get(content_type, content_type)


def probe(file: Path, content_type: str) -> Facts:
    """Raises FileRefused."""
    from pymediainfo import MediaInfo

    tracks = MediaInfo.parse(file).tracks
    general = next((track for track in tracks if track.track_type == "General"), None)
    if general is None or general.format not in CONTAINERS[content_type]:
        raise FileRefused("not_readable")
    videos = [track for track in tracks if track.track_type == "Video"]
    sounds = [track for track in tracks if track.track_type == "Audio"]
    duration = _number(general.duration) or max(
        (_number(track.duration) for track in [*videos, *sounds]), default=0
    )
    if not (videos or sounds) or duration <= 0:
        raise FileRefused("not_readable")
    if not videos:
        return Facts(duration, None, None)
    width, height = _upright_size(videos[0])
    if width * height > MOST_PIXELS:
        raise FileRefused("too_many_pixels")
    if width <= 0 or height <= 0:
        raise FileRefused("not_readable")
    return Facts(duration, width, height)


def _upright_size(track: Any) -> tuple[int, int]:
    width, height = _number(track.width), _number(track.height)
    turned = round(float(track.rotation or 0)) % 180 == 90
    return (height, width) if turned else (width, height)


def _number(value: object) -> int:
    try:
        return int(float(str(value)))
    except ValueError:
        return 0
