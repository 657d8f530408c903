"""What a forked process does to be an execution environment: import one handler, serve events."""

import importlib
import json
import logging
import os
import socket
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from decimal import Decimal

from cgraph_local.host.context import LambdaContext
from cgraph_local.host.frames import EVENT, LENGTH, Outcome, reply_frame

MAX_RESPONSE = 6 * 1024 * 1024 + 100

Handler = Callable[[object, LambdaContext], object]


class BadHandler(Exception):
    def __init__(self, kind: str, message: str, frames: list[str] | None = None) -> None:
        super().__init__(message)
        self.document = {"errorMessage": message, "errorType": kind, "requestId": ""}
        if frames:
            self.document["stackTrace"] = frames  # type: ignore[assignment]


class LogFormatter(logging.Formatter):
    """Lambda's own JSON log format, for what is logged without a formatter of the function's."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info and record.exc_info[0] and record.exc_info[1]:
            line["errorType"] = record.exc_info[0].__name__
            line["errorMessage"] = str(record.exc_info[1])
            line["stackTrace"] = traceback.format_tb(record.exc_info[2])
        return json.dumps(line, default=str)


def run_environment(
    channel: socket.socket, *, variables: Mapping[str, str], paths: list[str]
) -> None:
    """Returns when the host has closed the channel."""
    os.environ.clear()
    os.environ.update(variables)
    time.tzset()
    sys.path[:0] = paths
    os.chdir(variables["LAMBDA_TASK_ROOT"])
    printing = logging.StreamHandler(sys.stdout)
    printing.setFormatter(LogFormatter())
    logging.getLogger().addHandler(printing)
    try:
        handler = load_handler(variables["_HANDLER"])
    except BadHandler as bad:
        _print_error(bad.document)
        channel.sendall(_reply(bad.document, outcome=Outcome.IMPORT_FAILED, cpu_ns=0))
        return
    channel.sendall(_reply(None, outcome=Outcome.READY, cpu_ns=time.process_time_ns()))
    _serve(channel, handler=handler, variables=variables)


def load_handler(name: str) -> Handler:
    module_name, _, attribute = name.replace("/", ".").rpartition(".")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise BadHandler(
            "Runtime.ImportModuleError",
            f"Unable to import module '{module_name}': {error}",
            _frames(error),
        ) from error
    except SyntaxError as error:
        raise BadHandler(
            "Runtime.UserCodeSyntaxError",
            f"Syntax error in module '{module_name}': {error}",
        ) from error
    except Exception as error:
        raise BadHandler(type(error).__name__, str(error), _frames(error)) from error
    handler: Handler | None = getattr(module, attribute, None)
    if handler is None:
        raise BadHandler(
            "Runtime.HandlerNotFound", f"Handler '{attribute}' missing on module '{module_name}'"
        )
    return handler


def _serve(channel: socket.socket, *, handler: Handler, variables: Mapping[str, str]) -> None:
    while frame := _receive(channel):
        began = time.process_time_ns()
        _, request_id, deadline = EVENT.unpack_from(frame)
        context = LambdaContext(variables, request_id=request_id.decode(), deadline=deadline)
        outcome, payload = _call(handler, event=frame[EVENT.size :], context=context)
        sys.stdout.flush()
        spent = time.process_time_ns() - began
        channel.sendall(reply_frame(payload, outcome=outcome, cpu_ns=spent))


def _receive(channel: socket.socket) -> bytes:
    """A whole frame, or nothing when the host has closed the channel.

    Waiting takes nothing from the channel: killed meanwhile, it leaves the event to another.
    """
    channel.recv(1, socket.MSG_PEEK)
    frame = channel.recv(65536)
    while frame and (
        len(frame) < LENGTH.size or len(frame) < LENGTH.size + LENGTH.unpack_from(frame)[0]
    ):
        more = channel.recv(1 << 20)
        frame = frame + more if more else b""
    return frame


def _call(handler: Handler, *, event: bytes, context: LambdaContext) -> tuple[Outcome, bytes]:
    try:
        result = handler(json.loads(event), context)
    except Exception as error:  # whatever a handler raises is its answer, as on Lambda
        document = _document(error, request_id=context.aws_request_id)
        _print_error(document)
        return Outcome.RAISED, json.dumps(document).encode()
    return _encode(result, request_id=context.aws_request_id)


def _encode(result: object, *, request_id: str) -> tuple[Outcome, bytes]:
    try:
        payload = json.dumps(result, ensure_ascii=False, allow_nan=False, default=_plain).encode()
    except (TypeError, ValueError, RecursionError) as error:
        return _refused(
            "Runtime.MarshalError", f"Unable to marshal response: {error}", request_id=request_id
        )
    if len(payload) > MAX_RESPONSE:
        return _refused(
            "Function.ResponseSizeTooLarge",
            "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
            request_id=request_id,
        )
    return Outcome.RETURNED, payload


def _refused(kind: str, message: str, *, request_id: str) -> tuple[Outcome, bytes]:
    document = {"errorMessage": message, "errorType": kind, "requestId": request_id}
    _print_error(document)
    return Outcome.RAISED, json.dumps(document).encode()


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _document(error: Exception, *, request_id: str) -> dict[str, object]:
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": request_id,
        "stackTrace": _frames(error),
    }


def _frames(error: BaseException) -> list[str]:
    """The frames of the function's own, without this runtime's and the import system's."""
    inner = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename != __file__ and "importlib" not in frame.filename
    ]
    return traceback.format_list(inner)


def _print_error(document: Mapping[str, object]) -> None:
    line = {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "level": "ERROR"}
    print(json.dumps({**line, **document}), flush=True)


def _reply(payload: object, *, outcome: Outcome, cpu_ns: int) -> bytes:
    return reply_frame(json.dumps(payload).encode(), outcome=outcome, cpu_ns=cpu_ns)
