"""The frames between the host and an execution environment.

A frame is its length and then: to the environment `EVENT` and the event as JSON, to the host
`REPLY` and the payload as JSON.
"""

import struct
from enum import IntEnum

LENGTH = struct.Struct("!I")
EVENT = struct.Struct("!I36sd")
"""Length of what follows, request id, deadline in seconds since 1970."""
REPLY = struct.Struct("!IBQ")
"""Length of what follows, `Outcome`, CPU time in nanoseconds."""

EVENT_HEAD = EVENT.size - LENGTH.size
REPLY_HEAD = REPLY.size - LENGTH.size


class Outcome(IntEnum):
    READY = 0
    RETURNED = 1
    RAISED = 2
    IMPORT_FAILED = 3


def event_frame(event: bytes, *, request_id: str, deadline: float) -> bytes:
    return EVENT.pack(EVENT_HEAD + len(event), request_id.encode(), deadline) + event


def reply_frame(payload: bytes, *, outcome: Outcome, cpu_ns: int) -> bytes:
    return REPLY.pack(REPLY_HEAD + len(payload), outcome, cpu_ns) + payload
