"""The frames of a WebSocket: the protocol that reads them, and the one that a post sends."""

import logging

from websockets.protocol import State
from websockets.server import ServerProtocol

logger = logging.getLogger("websockets.server")

FRAME_LIMIT = 32 * 1024
MESSAGE_LIMIT = 128 * 1024
"""Bytes."""


def text_frame(data: bytes) -> bytes:
    """What RFC 6455, 5.2 has a server send: one frame, not masked."""
    size = len(data)
    if size < 126:
        return bytes((0x81, size)) + data
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big") + data
    return b"\x81\x7f" + size.to_bytes(8, "big") + data


def new_frames(*, reads_handshake: bool) -> ServerProtocol:
    begins = State.CONNECTING if reads_handshake else State.OPEN  # then its parser expects frames
    frames = ServerProtocol(max_size=(MESSAGE_LIMIT, FRAME_LIMIT), state=begins, logger=logger)
    frames.state = State.CONNECTING
    return frames
