"""Files that are made to harm a program or a person that reads, serves or opens them.

Each has MARK in what a browser or another program would run. None is from anywhere else: all are
made here.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PIL import Image

from cgraph_local.core.home import CHECKOUT

MARK = b"alert(document.domain)"
HTML = b"<html><body><script>" + MARK + b"</script></body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="' + MARK + b'"/>'
SCRIPT = b"*/=1;" + MARK + b"//"
PHP = b"<?php " + MARK + b" ?>"
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file % " + MARK
FIXTURES = CHECKOUT / "tests" / "media"


@dataclass(frozen=True, slots=True)
class HostileFile:
    """`refused`: the reason, or None where it may be kept without what is hostile in it."""

    name: str
    claimed: str
    content: bytes
    refused: str | None


def picture(format: str, size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    written = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(written, format, **options)
    return written.getvalue()


def png_of(width: int, height: int, *, depth: int = 8, chunks: bytes = b"") -> bytes:
    """Of zeros, whatever the size: a few kilobytes for gigabytes of pixels."""
    row = b"\0" * (1 + (width * depth + 7) // 8)
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunks
        + chunk(b"IDAT", data)
        + chunk(b"IEND", b"")
    )


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def gif_claiming(width: int, height: int) -> bytes:
    whole = picture("GIF")
    return whole[:6] + struct.pack("<HH", width, height) + whole[10:]


def gif_of_frames(count: int) -> bytes:
    frame = b"!\xf9\x04\0\x01\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0"
    return b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff" + frame * count + b";"


def zip_of(files: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return written.getvalue()


def overlapping_zip() -> bytes:
    """Many names for the same bytes (Fifield, 2019)."""
    content = zip_of({"a": bytes(1_000_000)})
    start = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    entry, count = content[start:end], 2000
    tail = struct.pack(
        "<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, len(entry) * count, start, 0
    )
    return content[:start] + entry * count + tail


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def nested_boxes(depth: int) -> bytes:
    content = b""
    for _ in range(depth):
        content = box(b"moov", content)
    return box(b"ftyp", b"isom\0\0\0\0isom") + content


def hostile_files() -> Iterator[HostileFile]:
    yield from _not_what_they_claim()
    yield from _polyglots()
    yield from _bombs()
    yield from _damaged()
    yield from _recordings()


def _not_what_they_claim() -> Iterator[HostileFile]:
    disguises = {
        "html": HTML,
        "svg": SVG,
        "php": PHP,
        "eps": EPS,
        "pdf": b"%PDF-1.7\n/OpenAction << /JS (" + MARK + b") >>",
        "zip": zip_of({"a.html": HTML}),
        "elf": b"\x7fELF\x02\x01\x01" + bytes(60) + MARK,
        "exe": b"MZ" + bytes(60) + MARK,
        "class": b"\xca\xfe\xba\xbe\0\0\0\x34" + MARK,
        "script": b"#!/bin/sh\n" + MARK,
    }
    for name, content in disguises.items():
        yield HostileFile(f"{name} as JPEG", "image/jpeg", content, "type_mismatch")
    for claimed in ("image/png", "image/gif", "video/mp4", "audio/mpeg"):
        yield HostileFile(f"HTML as {claimed}", claimed, HTML, "type_mismatch")
    for format, claimed in (("PNG", "image/jpeg"), ("JPEG", "image/png"), ("GIF", "video/mp4")):
        yield HostileFile(f"{format} as {claimed}", claimed, picture(format), "type_mismatch")
    photo = picture("JPEG", exif=b"Exif\0\0" + MARK)
    yield HostileFile("photo as bytes", "application/octet-stream", photo, "type_mismatch")
    yield HostileFile("photo as PDF", "application/pdf", photo, "type_mismatch")
    for name, content in (("HTML", HTML), ("SVG", SVG), ("JavaScript", SCRIPT), ("PHP", PHP)):
        yield HostileFile(f"{name} as a page", "text/html", content, None)


def _polyglots() -> Iterator[HostileFile]:
    for format in ("JPEG", "PNG", "GIF", "WEBP", "AVIF"):
        claimed = f"image/{format.lower()}"
        whole = picture(format)
        yield HostileFile(f"{format} and HTML", claimed, whole + HTML, None)
        yield HostileFile(f"{format} and zip", claimed, whole + zip_of({"a": HTML}), None)
    yield HostileFile("JPEG comment", "image/jpeg", picture("JPEG", comment=HTML), None)
    yield HostileFile("JPEG EXIF", "image/jpeg", picture("JPEG", exif=b"Exif\0\0" + HTML), None)
    yield HostileFile("JPEG ICC", "image/jpeg", picture("JPEG", icc_profile=HTML), None)
    text = chunk(b"tEXt", b"Comment\0" + HTML)
    yield HostileFile("PNG text", "image/png", png_of(9, 9, chunks=text), None)
    yield HostileFile("GIF comment", "image/gif", picture("GIF", comment=HTML), None)
    script = b"GIF89a" + SCRIPT + picture("GIF")[13:]
    yield HostileFile("GIF that is JavaScript", "image/gif", script, "too_many_pixels")
    yield HostileFile("WebP XMP", "image/webp", picture("WEBP", xmp=HTML), None)


def _bombs() -> Iterator[HostileFile]:
    too_many = "too_many_pixels"
    yield HostileFile("PNG of 400 MP", "image/png", png_of(20_000, 20_000, depth=1), too_many)
    yield HostileFile("PNG of 144 MP", "image/png", png_of(12_000, 12_000, depth=1), too_many)
    yield HostileFile("GIF of 4 GP", "image/gif", gif_claiming(65_000, 65_000), too_many)
    packed = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(80_000_000), 9))
    yield HostileFile(
        "PNG with packed text", "image/png", png_of(9, 9, chunks=packed), "not_readable"
    )
    yield HostileFile("GIF of frames", "image/gif", gif_of_frames(5000), "too_many_frames")
    yield HostileFile("zip bomb", "application/zip", zip_of({"a": bytes(60_000_000)}), "too_large")
    yield HostileFile("endless zip", "application/zip", overlapping_zip(), "too_large")


def _damaged() -> Iterator[HostileFile]:
    for format in ("JPEG", "PNG", "GIF", "WEBP", "AVIF"):
        half = picture(format, (300, 200))[:-200]
        reason = "not_readable"
        yield HostileFile(f"half a {format}", f"image/{format.lower()}", half, reason)
    heic = (FIXTURES / "picture.heic").read_bytes()
    yield HostileFile("half a HEIC", "image/heic", heic[:500], "not_readable")
    yield HostileFile("no zip", "application/zip", b"PK\x03\x04" + bytes(100), "not_readable")
    yield HostileFile("empty JPEG", "image/jpeg", b"\xff\xd8\xff", "not_readable")


def _recordings() -> Iterator[HostileFile]:
    clip = (FIXTURES / "clip.mp4").read_bytes()
    yield HostileFile("MP4 without tracks", "video/mp4", nested_boxes(3), "not_readable")
    yield HostileFile("MP4 of 20,000 boxes", "video/mp4", nested_boxes(20_000), "not_readable")
    yield HostileFile("MP4 with a comment", "video/mp4", clip + box(b"udta", HTML), None)
    yield HostileFile("half an MP4", "video/mp4", clip[: len(clip) // 2], "not_readable")
    song = (FIXTURES / "tune.mp3").read_bytes()
    tag = b"ID3\x04\0\0\0\0\0" + bytes((len(HTML),)) + HTML
    yield HostileFile("MP3 with HTML before it", "audio/mpeg", tag + song, None)
    yield HostileFile("playlist", "audio/mpeg", b"#EXTM3U\nfile:///etc/passwd\n", "type_mismatch")
    concat = b"ffconcat version 1.0\nfile /etc/passwd\n"
    yield HostileFile("list of FFmpeg", "video/mp4", concat, "type_mismatch")
