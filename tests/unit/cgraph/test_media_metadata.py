"""No tag of a recording is left, wherever it stands; its sound and pictures are what they were."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import pytest
from pymediainfo import MediaInfo

from cgraph.media.processing.codec_headers import without_comments
from cgraph.media.processing.metadata import without_metadata
from cgraph.media.processing.refusal import FileRefused
from tests.unit.cgraph import tagged_recordings as tagged

FIXTURES = [
    ("clip.mp4", "video/mp4"),
    ("clip.mov", "video/quicktime"),
    ("clip.webm", "video/webm"),
    ("tune.mp3", "audio/mpeg"),
    ("tune.ogg", "audio/ogg"),
    ("tune.m4a", "audio/mp4"),
    ("tune.flac", "audio/flac"),
]


def stripped(content: bytes, content_type: str, folder: Path) -> bytes:
    (folder / "incoming").write_bytes(content)
    without_metadata(folder / "incoming", content_type, to=folder / "kept")
    return (folder / "kept").read_bytes()


def tenths(milliseconds: str) -> int:
    """Tags of WebM say it more exactly than what is left."""
    return round(float(milliseconds) / 100)


def facts(content: bytes) -> list[tuple[object, ...]]:
    tracks = MediaInfo.parse(io.BytesIO(content)).tracks
    return [
        (track.track_type, track.format, tenths(track.duration), track.width, track.sampling_rate)
        for track in tracks
        if track.track_type in ("Video", "Audio")
    ]


@pytest.mark.parametrize("kind", tagged.TAGGED)
def test_no_word_of_a_tag_is_left(tmp_path: Path, kind: str) -> None:
    content_type, build = tagged.TAGGED[kind]
    content = build()
    assert tagged.CANARY in content

    kept = stripped(content, content_type, tmp_path)

    assert tagged.CANARY not in kept
    assert b"canary" not in kept


@pytest.mark.parametrize(("name", "content_type"), FIXTURES)
def test_a_recording_is_what_it_was(tmp_path: Path, name: str, content_type: str) -> None:
    content = tagged.recording(name)

    kept = stripped(content, content_type, tmp_path)

    assert b"Secret" not in kept
    assert b"Lavf62" not in kept
    assert facts(kept) == facts(content) != []


@pytest.mark.parametrize("kind", ["MP4", "M4A", "MOV", "WebM"])
def test_tracks_of_positions_and_subtitles_are_gone(tmp_path: Path, kind: str) -> None:
    content_type, build = tagged.TAGGED[kind]
    name = {"MP4": "clip.mp4", "M4A": "tune.m4a", "MOV": "clip.mov", "WebM": "clip.webm"}[kind]

    kept = stripped(build(), content_type, tmp_path)

    assert [each[:2] for each in facts(kept)] == [
        each[:2] for each in facts(tagged.recording(name))
    ]
    types = {track.track_type for track in MediaInfo.parse(io.BytesIO(kept)).tracks}
    assert types <= {"General", "Video", "Audio"}


@pytest.mark.parametrize(
    ("kind", "frames"), [("MP3", tagged.mp3_frames()), ("AAC", tagged.adts(20))]
)
def test_all_frames_stay_and_nothing_else(tmp_path: Path, kind: str, frames: bytes) -> None:
    content_type, build = tagged.TAGGED[kind]
    assert stripped(build(), content_type, tmp_path) == frames


def test_a_frame_that_was_cut_off_takes_no_tag_along(tmp_path: Path) -> None:
    frames = tagged.mp3_frames()
    kept = stripped(frames[:-300] + tagged.ape(header=True), "audio/mpeg", tmp_path)
    assert kept == frames[: 417 * 7]


def test_samples_of_wav_stay(tmp_path: Path) -> None:
    kept = stripped(tagged.wav(), "audio/wav", tmp_path)
    with wave.open(io.BytesIO(kept)) as sound:
        assert sound.readframes(10_000) == bytes(range(256)) * 8


@pytest.mark.parametrize("codec", tagged.OGG_STREAMS)
def test_pages_of_ogg_keep_their_packets_and_get_their_checksums(
    tmp_path: Path, codec: str
) -> None:
    content = tagged.ogg(codec)

    kept = stripped(content, "audio/ogg", tmp_path)

    assert len(kept) == len(content) - len(tagged.CANARY)
    pages = kept.split(b"OggS")[1:]
    for each in pages:
        whole = b"OggS" + each
        serial, number = (int.from_bytes(whole[at : at + 4], "little") for at in (14, 18))
        body = whole[27 + whole[26] :]
        assert tagged.page(serial, number, [body], flags=whole[5]) == whole
    assert [each.endswith(b"sound") for each in pages].count(True) == 2


def test_an_ogg_file_of_another_codec_is_refused(tmp_path: Path) -> None:
    content = tagged.page(1, 0, [b"\x80theora"], flags=2)
    with pytest.raises(FileRefused, match="type_not_supported"):
        stripped(content, "audio/ogg", tmp_path)


def test_when_a_video_was_made_is_gone(tmp_path: Path) -> None:
    content = bytearray(tagged.recording("clip.mp4"))
    for kind in (b"mvhd", b"tkhd", b"mdhd"):
        at = content.index(kind) + 8
        content[at : at + 8] = b"whenwhen"

    assert b"when" not in stripped(bytes(content), "video/mp4", tmp_path)


def test_a_file_in_fragments_with_a_track_of_positions_is_refused(tmp_path: Path) -> None:
    fragment = tagged.box(b"moof", tagged.box(b"mfhd", bytes(8)))
    content = tagged.mp4("clip.mp4", extra=b"x") + fragment
    with pytest.raises(FileRefused, match="type_not_supported"):
        stripped(content, "video/mp4", tmp_path)


def test_headers_of_vorbis_in_matroska_lose_their_comments() -> None:
    packets = [b"\x01vorbis", b"\x03vorbis" + tagged.comments() + b"\1", b"\x05vorbis setup"]
    sizes = bytes((len(packets[0]), len(packets[1])))
    headers = b"\x02" + sizes + b"".join(packets)

    kept = without_comments(b"A_VORBIS", headers)

    assert tagged.CANARY not in kept
    assert (len(kept), kept[:10]) == (len(headers), headers[:10])
    assert kept.endswith(packets[2])


def test_headers_of_flac_in_matroska_lose_their_comments() -> None:
    blocks = tagged.flac_block(0, bytes(34)) + tagged.flac_block(4, tagged.comments(), last=True)
    kept = without_comments(b"A_FLAC", b"fLaC" + blocks)
    assert tagged.CANARY not in kept
    assert len(kept) == len(blocks) + 4
