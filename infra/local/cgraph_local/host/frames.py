"""The binary frames that the host and an execution environment exchange.

The host sends `EVENT_HEADER` and the event as JSON; the environment sends `RESULT_HEADER` and the
payload as JSON. Both headers begin with `LENGTH`, the number of bytes that follow it.
"""

import struct
from enum import IntEnum

LENGTH = struct.Struct("!I")
EVENT_HEADER = struct.Struct("!I36sd")
"""Length, request id, deadline in seconds since 1970."""
RESULT_HEADER = struct.Struct("!IBQ")
"""Length, `Outcome`, CPU time in nanoseconds."""

EVENT_HEADER_SIZE = EVENT_HEADER.size - LENGTH.size
RESULT_HEADER_SIZE = RESULT_HEADER.size - LENGTH.size


class Outcome(IntEnum):
    READY = 0
    RETURNED = 1
    RAISED = 2
    IMPORT_FAILED = 3


def event_frame(event: bytes, *, request_id: str, deadline: float) -> bytes:
    return EVENT_HEADER.pack(EVENT_HEADER_SIZE + len(event), request_id.encode(), deadline) + event


def result_frame(payload: bytes, *, outcome: Outcome, cpu_ns: int) -> bytes:
    return RESULT_HEADER.pack(RESULT_HEADER_SIZE + len(payload), outcome, cpu_ns) + payload
