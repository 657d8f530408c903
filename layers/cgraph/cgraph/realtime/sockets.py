"""WebSocket functions: each frame that carries an id gets one answer, which API Gateway sends as
the response of the route.
"""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from pydantic import ValidationError

from cgraph.core import database, loop, metrics, policies, recent_changes
from cgraph.core.encoding import decode_json, encode_json
from cgraph.core.errors import InternalError, ReadOnly, Refusal, ValidationFailed
from cgraph.core.fields import Body
from cgraph.core.limits import Mode
from cgraph.core.log import logger
from cgraph.core.policies import Policy
from cgraph.core.standing import REFUSALS, refused_by, standing_of
from cgraph.core.validation import Item, Path, field_names, unknown_items, validation_failed
from cgraph.realtime import connections
from cgraph.realtime.errors import MalformedFrame
from cgraph.realtime.models import Connection

Data = TypeVar("Data", bound=Body)
Reply = dict[str, Any]
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

FRAME_KEYS = ("action", "id", "data")
FOLLOW = "events:read"
"""The scope of an API token that opens a socket, which gets the events of all that its user may
read.
"""

FAILURES = "frame.failures"
"""Frames and handshakes that failed: API Gateway counts neither, since they have an answer."""


@dataclass(frozen=True)
class FrameHandler:
    """What Lambda calls for an action; the API documents and the contract tests read the rest."""

    policy: Policy
    scope: str
    writes: bool
    handle: Handler

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        return self.handle(event, context)


def ack(**fields: Any) -> Reply:
    """The answer to an action that succeeded."""
    return {"type": "ack", "ok": True, **fields}


def frame_handler(
    action: Callable[[Connection, Data], Awaitable[Reply]],
    *,
    data: type[Data],
    policy: Policy,
    scope: str = FOLLOW,
    duration: str = "frame.duration",
    writes: bool = False,
    shows_heads: bool = False,
) -> FrameHandler:
    """`action` gets the connection and the validated data of the frame, and returns the answer, to
    which the id is added. `data`: a Body, which refuses fields that do not exist. `scope`: what the
    API token needs that the socket was opened with, if it was one. `writes`: refused while the
    system is read-only. `shows_heads`: the client may then read what they count.
    """
    assert issubclass(data, Body), f"{data.__name__} must be a Body: it is what a client sends"

    async def answer(event: dict[str, Any]) -> Reply | None:
        frame_id: object = None
        try:
            frame = parse_frame(event.get("body"))
            frame_id = frame.get("id")
            connection = await _admit(event, policy=policy, scope=scope, writes=writes)
            validated, user = _validated(data, frame), connection.caller.id
            if writes or shows_heads:
                await recent_changes.try_mark(user)
                recent_changes.write_admitted(user)
            reply = await action(connection, validated)
            if slow := recent_changes.take_slow_write():
                await recent_changes.try_mark(slow)
        except Refusal as refusal:
            return _error_ack(refusal, frame_id=frame_id)
        except Exception:
            logger.exception("frame_failed")
            return _error_ack(InternalError(), frame_id=frame_id)
        return {"id": frame_id, **reply} if frame_id is not None else None

    return FrameHandler(policy, scope, writes, _handler(answer, duration=duration))


def default_handler(refuse: Callable[[dict[str, Any]], Refusal]) -> Handler:
    """For `$default`: refuses unknown actions with an `ack`, not with API Gateway's "Forbidden"."""

    async def answer(event: dict[str, Any]) -> Reply | None:
        try:
            frame = parse_frame(event.get("body"))
            await _admit(event, policy=policies.READER, scope=FOLLOW, writes=False)
            return _error_ack(refuse(frame), frame_id=frame.get("id"))
        except Refusal as refusal:
            return _error_ack(refusal, frame_id=None)

    return _handler(answer, duration="frame.duration")


def lifecycle_handler(work: Callable[[dict[str, Any]], Coroutine[Any, Any, None]]) -> Handler:
    """For `$connect` and `$disconnect`: the status of a refusal is that of the handshake."""

    async def status(event: dict[str, Any]) -> int:
        try:
            await work(event)
        except Refusal as refusal:
            _count_failure(refusal)
            return refusal.status
        return 200

    def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
        logger.set_correlation_id(event["requestContext"]["requestId"])
        with metrics.invocation("frame.duration", failures=FAILURES):
            return {"statusCode": loop.run(status(event))}

    return handle


def parse_frame(body: str | None) -> dict[str, Any]:
    """Raises MalformedFrame; an id is a string or a number, so that it can be echoed."""
    body = body or ""
    try:
        frame = decode_json(body)
        if "\\u" in body:
            encode_json(frame).encode()  # half a surrogate pair, which could not be echoed
    except (ValueError, RecursionError):
        raise MalformedFrame from None
    if not isinstance(frame, dict) or not isinstance(frame.get("action"), str):
        raise MalformedFrame
    if not isinstance(frame.get("id"), str | int | None) or len(str(frame.get("id"))) > 100:
        raise MalformedFrame("The id is a string or a number of at most 100 characters")
    return frame


async def _admit(event: dict[str, Any], *, policy: Policy, scope: str, writes: bool) -> Connection:
    context = event["requestContext"]
    connection, allowance, mode = await connections.admit_frame(
        context["connectionId"], policy=policy, scope=scope
    )
    allowance.require()
    if writes and mode is Mode.READ_ONLY:
        raise ReadOnly(retry_after=30)
    await _require_standing(connection)
    return replace(connection, received_ms=context["requestTimeEpoch"])


async def _require_standing(connection: Connection) -> None:
    """An account may have become a full one since the socket was opened. Raises EmailNotVerified,
    AccountNotApproved.
    """
    caller = connection.caller
    refused = refused_by(caller.policy, changes=True) if caller.standing else ()
    if caller.standing not in refused:
        return
    async with database.reading() as tx:
        standing = await standing_of(tx, user_id=caller.id)
    if standing in refused:
        raise REFUSALS[standing]
    await connections.in_full_standing(connection)


def _validated(data: type[Data], frame: dict[str, Any]) -> Data:
    """The frame's data. Raises ValidationFailed, UnknownField."""
    items: list[Item] = unknown_items("frame", [key for key in frame if key not in FRAME_KEYS])
    try:
        validated = data.model_validate(frame.get("data", {}))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        items += [{**item, "loc": ("data", *item["loc"])} for item in found]
    if items:
        raise validation_failed(items, known=partial(_known_names, data))
    return validated


def _known_names(data: type[Body], part: str, path: Path) -> Sequence[str]:
    return FRAME_KEYS if part == "frame" else field_names(data, path)


def _count_failure(refusal: Refusal) -> None:
    if refusal.is_failure:
        metrics.fail()


def _error_ack(refusal: Refusal, *, frame_id: object) -> Reply:
    _count_failure(refusal)
    error: dict[str, Any] = {
        "code": refusal.code,
        "status": refusal.status,
        "message": refusal.detail,
    }
    if isinstance(refusal, ValidationFailed):
        error["errors"] = refusal.errors
    if refusal.retry_after is not None:
        error["retry_after_ms"] = round(refusal.retry_after * 1000)
    return {"type": "ack", "id": frame_id, "ok": False, "error": error}


def _handler(
    answer: Callable[[dict[str, Any]], Coroutine[Any, Any, Reply | None]], *, duration: str
) -> Handler:
    def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
        logger.set_correlation_id(event["requestContext"]["requestId"])
        with metrics.invocation(duration, failures=FAILURES):
            reply = loop.run(answer(event))
        return (
            {"statusCode": 200, "body": encode_json(reply)}
            if reply is not None
            else {"statusCode": 200}
        )

    return handle
