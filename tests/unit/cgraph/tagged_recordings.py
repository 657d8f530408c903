"""Recordings with a canary in each place where a program may leave words. What a container needs to
hold together is right: only the words are too much.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from cgraph.media.processing.ogg import _checksum
from cgraph_local.core.home import CHECKOUT

CANARY = b"canary-52.5200+013.4050"
FIXTURES = CHECKOUT / "tests" / "media"


def recording(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


def id3v2() -> bytes:
    frame = b"TIT2" + (len(CANARY) + 1).to_bytes(4, "big") + bytes(3) + CANARY
    return b"ID3\x03\0\0" + bytes((0, 0, len(frame) >> 7, len(frame) & 127)) + frame


def id3v1() -> bytes:
    return b"TAG" + CANARY.ljust(125, b"\0")


def ape(*, header: bool) -> bytes:
    item = len(CANARY).to_bytes(4, "little") + bytes(4) + b"Title\0" + CANARY
    size = (len(item) + 32).to_bytes(4, "little")
    ends = [
        b"APETAGEX" + (2000).to_bytes(4, "little") + size + b"\1\0\0\0" + flags + bytes(8)
        for flags in (b"\0\0\0\xa0", b"\0\0\0\x80" if header else bytes(4))
    ]
    return (ends[0] if header else b"") + item + ends[1]


def lyrics() -> bytes:
    text = b"LYRICSBEGINETT" + str(len(CANARY)).zfill(5).encode() + CANARY
    return text + str(len(text)).zfill(6).encode() + b"LYRICS200"


def old_lyrics() -> bytes:
    return b"LYRICSBEGIN" + CANARY + b"LYRICSEND"


def extended_id3v1() -> bytes:
    return b"TAG+" + CANARY.ljust(223, b"\0")


def id3v2_at_the_end() -> bytes:
    tag = id3v2()
    return tag + b"3DI" + tag[3:10]


def adts(frames: int) -> bytes:
    """Frames of AAC-LC with 44,100 Hz in stereo, of which nobody decodes the content."""
    content = bytes(range(1, 200))
    size = len(content) + 7
    head = bytes(
        (0xFF, 0xF1, 0x50, 0x80 | size >> 11, size >> 3 & 0xFF, (size & 7) << 5 | 0x1F, 0xFC)
    )
    return (head + content) * frames


def tagged_frames(frames: bytes, middle: int) -> bytes:
    """With all tags of MP3 before, between and behind the frames."""
    return b"".join(
        (
            *(id3v2(), id3v2(), frames[:middle], id3v2(), ape(header=True), frames[middle:]),
            *(ape(header=False), lyrics(), ape(header=True), id3v2_at_the_end(), old_lyrics()),
            *(extended_id3v1(), id3v1()),
        )
    )


def chunk(kind: bytes, content: bytes) -> bytes:
    return kind + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) % 2)


WAV_FORMAT = b"\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0"


def wav() -> bytes:
    kinds = (b"LIST", b"bext", b"iXML", b"_PMX", b"id3 ", b"axml", b"cue ", b"PAD ", b"JUNK")
    chunks = chunk(b"fmt ", WAV_FORMAT)
    chunks += b"".join(chunk(kind, b"INFOINAM" + CANARY) for kind in kinds)
    chunks += chunk(b"data", bytes(range(256)) * 8) + chunk(b"data", CANARY)
    chunks += chunk(b"LIST", b"INFOIART" + CANARY)
    return chunk(b"RIFF", b"WAVE" + chunks) + id3v1()


def flac_block(kind: int, content: bytes, *, last: bool = False) -> bytes:
    return bytes((kind | 0x80 * last,)) + len(content).to_bytes(3, "big") + content


FLAC_KINDS = (1, 2, 4, 5, 6, 126)
"""Padding, application, comments, cue sheet, picture, what is not known."""


def flac() -> bytes:
    """That of ffmpeg, with more blocks after the facts of the stream."""
    original = recording("tune.flac")
    more = b"".join(flac_block(kind, bytes(8) + CANARY) for kind in FLAC_KINDS)
    return original[:42] + more + original[42:] + ape(header=True) + id3v1()


def page(serial: int, number: int, packets: list[bytes], *, flags: int = 0) -> bytes:
    """Of Ogg, with whole packets."""
    lengths = b"".join(b"\xff" * (len(p) // 255) + bytes((len(p) % 255,)) for p in packets)
    head = b"OggS\0" + bytes((flags,)) + bytes(8) + serial.to_bytes(4, "little")
    head += number.to_bytes(4, "little") + bytes(4) + bytes((len(lengths),))
    body = head + lengths + b"".join(packets)
    return body[:22] + _checksum(body).to_bytes(4, "little") + body[26:]


def comments() -> bytes:
    size = len(CANARY).to_bytes(4, "little")
    return size + CANARY + b"\1\0\0\0" + size + CANARY


OGG_STREAMS: Mapping[str, list[bytes]] = {
    "Opus": [b"OpusHead\1\1", b"OpusTags" + comments(), b"sound"],
    "Vorbis": [b"\x01vorbis...", b"\x03vorbis" + comments() + b"\1", b"\x05vorbis", b"sound"],
    "Speex": [b"Speex   1.2", comments(), b"sound"],
    "FLAC": [
        b"\x7fFLAC\1\0\0\3fLaC" + flac_block(0, bytes(34)),
        flac_block(4, comments()),
        flac_block(6, CANARY * 30),
        flac_block(2, CANARY, last=True),
        b"sound",
    ],
}


def ogg(codec: str) -> bytes:
    """Two streams, one after the other, with something between them that is no page."""
    return CANARY.join(
        b"".join(
            page(serial, number, [packet], flags=2 if number == 0 else 0)
            for number, packet in enumerate(OGG_STREAMS[codec])
        )
        for serial in (7, 8)
    )


def box(kind: bytes, *content: bytes) -> bytes:
    joined = b"".join(content)
    return (8 + len(joined)).to_bytes(4, "big") + kind + joined


def numbers(*values: int) -> bytes:
    return b"".join(value.to_bytes(4, "big") for value in values)


def track_of(handler: bytes, offset: int, size: int) -> bytes:
    """A track with one sample, of which nobody sees or hears anything."""
    table = box(
        b"stbl",
        box(b"stsd", numbers(0, 1), box(b"mett", bytes(8), CANARY)),
        box(b"stts", numbers(0, 1, 1, 1000)),
        box(b"stsc", numbers(0, 1, 1, 1, 1)),
        box(b"stsz", numbers(0, size, 1)),
        box(b"stco", numbers(0, 1, offset)),
    )
    return box(
        b"trak",
        box(b"tkhd", bytes(12) + numbers(9) + bytes(68)),
        box(
            b"mdia",
            box(b"mdhd", bytes(24)),
            box(b"hdlr", bytes(8), handler, bytes(12), CANARY),
            box(b"minf", box(b"nmhd", bytes(4)), table),
        ),
    )


METADATA_BOXES = (b"udta", b"meta", b"uuid", b"free", b"skip", b"ilst", b"emsg", b"what")


def mp4(name: str, *, extra: bytes = b"") -> bytes:
    """That of ffmpeg, with more in `moov`, which stands at its end: no sample moves."""
    original = recording(name)
    at = original.rindex(b"moov") - 4
    inner = original[at + 8 :]
    head = original[:at] + box(b"mdat", extra + CANARY)
    offset = at + 8
    boxes = b"".join(box(kind, bytes(4), CANARY) for kind in METADATA_BOXES)
    tracks = b"".join(track_of(each, offset, len(extra)) for each in (b"meta", b"sbtl", b"text"))
    position = box(b"udta", box(b"\xa9xyz", bytes(4), CANARY))
    return head + box(b"moov", inner, position, tracks, boxes) + boxes + box(b"mdat", CANARY)


def element(id: int, content: bytes) -> bytes:
    size = (1 << 56 | len(content)).to_bytes(8, "big")
    return id.to_bytes((id.bit_length() + 7) // 8, "big") + size + content


def webm(*, live: bool) -> bytes:
    """That of ffmpeg with more in it; `live`: its segment and its last cluster say no size."""
    original = recording("clip.webm")
    at = original.index(SEGMENT)
    words = b"".join(element(id, CANARY) for id in WORDS)
    subtitles = element(0xD7, b"\x09") + element(0x83, b"\x11") + element(0x536E, CANARY)
    more = {
        INFO: b"".join(element(id, CANARY) for id in (0x7BA9, 0x4D80, 0x7384)),
        TRACKS: element(0xAE, subtitles),
    }
    inner = b"".join(
        element(id, content + more.get(id, b"")) for id, content in elements(original[at + 12 :])
    )
    lines = element(0xE7, b"\1") + element(0xA3, b"\x89\0\0\0" + CANARY)
    lines += element(0xA0, element(0xA1, b"\x89\0\0\0" + CANARY) + element(0x9B, b"\1"))
    if live:
        cluster = UNKNOWN_SIZE.join((b"\x1f\x43\xb6\x75", lines))
        return original[:at] + SEGMENT + UNKNOWN_SIZE + words + inner + cluster + words
    content = words + inner + element(0x1F43B675, lines) + words
    return original[:at] + element(0x18538067, content) + element(0xEC, CANARY)


SEGMENT, UNKNOWN_SIZE = b"\x18\x53\x80\x67", b"\x01" + b"\xff" * 7
INFO, TRACKS = 0x1549A966, 0x1654AE6B
WORDS = (0xEC, 0x1043A770, 0x1941A469, 0x1254C367, 0x4DBB)
"""Void, chapters, attachments, tags, what nobody knows here."""


def elements(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(content):
        width = 9 - content[at].bit_length()
        id = int.from_bytes(content[at : at + width], "big")
        length = 9 - content[at + width].bit_length()
        size = int.from_bytes(content[at + width : at + width + length], "big")
        inside = at + width + length
        at = inside + (size & (1 << 7 * length) - 1)
        yield id, content[inside:at]


TAGGED: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    "MP3": ("audio/mpeg", lambda: tagged_frames(mp3_frames(), 417 * 2)),
    "AAC": ("audio/aac", lambda: tagged_frames(adts(20), 206 * 7)),
    "WAV": ("audio/wav", wav),
    "FLAC": ("audio/flac", flac),
    **{f"Ogg {codec}": ("audio/ogg", partial(ogg, codec)) for codec in OGG_STREAMS},
    "MP4": ("video/mp4", lambda: mp4("clip.mp4", extra=CANARY * 3)),
    "M4A": ("audio/mp4", lambda: mp4("tune.m4a", extra=CANARY * 3)),
    "MOV": ("video/quicktime", lambda: mp4("clip.mov", extra=CANARY * 3)),
    "WebM": ("video/webm", lambda: webm(live=False)),
    "WebM that was recorded live": ("video/webm", lambda: webm(live=True)),
}


def mp3_frames(count: int = 8) -> bytes:
    """128 kbit/s at 44,100 Hz: 417 bytes each."""
    return (b"\xff\xfb\x90\x64" + bytes(413)) * count
