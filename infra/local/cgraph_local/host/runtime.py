"""The runtime inside an execution environment: imports one handler and passes events to it."""

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
from cgraph_local.host.frames import EVENT_HEADER, LENGTH, Outcome, result_frame

MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100

Handler = Callable[[object, LambdaContext], object]


class HandlerLoadError(Exception):
    """The handler could not be imported. `document`: Lambda's error document."""

    def __init__(self, kind: str, message: str, frames: list[str] | None = None) -> None:
        super().__init__(message)
        self.document = {"errorMessage": message, "errorType": kind, "requestId": ""}
        if frames:
            self.document["stackTrace"] = frames  # type: ignore[assignment]


class JsonLogFormatter(logging.Formatter):
    """Lambda's JSON log format, for loggers to which the function has given no formatter."""

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
    channel: socket.socket, *, variables: Mapping[str, str], paths: list[str], reimport: bool
) -> None:
    """Imports the handler and serves events. Returns when the host has closed the channel.

    `reimport`: its module has changed since this process was forked from one that has it.
    """
    os.environ.clear()
    os.environ.update(variables)
    time.tzset()
    sys.path[:0] = paths
    os.chdir(variables["LAMBDA_TASK_ROOT"])
    log_handler = logging.StreamHandler(sys.stdout)
    log_handler.setFormatter(JsonLogFormatter())
    logging.getLogger().addHandler(log_handler)
    if reimport:
        sys.modules.pop(handler_module(variables["_HANDLER"]), None)
    try:
        handler = load_handler(variables["_HANDLER"])
    except HandlerLoadError as error:
        _print_error(error.document)
        channel.sendall(_json_frame(error.document, outcome=Outcome.IMPORT_FAILED, cpu_ns=0))
        return
    channel.sendall(_json_frame(None, outcome=Outcome.READY, cpu_ns=time.process_time_ns()))
    _serve(channel, handler=handler, variables=variables)


def handler_module(handler: str) -> str:
    """The module of a handler, `package.module.function`."""
    return handler.replace("/", ".").rpartition(".")[0]


def load_handler(name: str) -> Handler:
    """Raises HandlerLoadError."""
    module_name, attribute = handler_module(name), name.rpartition(".")[2]
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise HandlerLoadError(
            "Runtime.ImportModuleError",
            f"Unable to import module '{module_name}': {error}",
            _stack_trace(error),
        ) from error
    except SyntaxError as error:
        raise HandlerLoadError(
            "Runtime.UserCodeSyntaxError",
            f"Syntax error in module '{module_name}': {error}",
        ) from error
    except Exception as error:
        raise HandlerLoadError(type(error).__name__, str(error), _stack_trace(error)) from error
    handler: Handler | None = getattr(module, attribute, None)
    if handler is None:
        raise HandlerLoadError(
            "Runtime.HandlerNotFound", f"Handler '{attribute}' missing on module '{module_name}'"
        )
    return handler


def _serve(channel: socket.socket, *, handler: Handler, variables: Mapping[str, str]) -> None:
    while frame := _receive(channel):
        started_at = time.process_time_ns()
        _, request_id, deadline = EVENT_HEADER.unpack_from(frame)
        context = LambdaContext(variables, request_id=request_id.decode(), deadline=deadline)
        outcome, payload = _call(handler, event=frame[EVENT_HEADER.size :], context=context)
        sys.stdout.flush()
        cpu_ns = time.process_time_ns() - started_at
        channel.sendall(result_frame(payload, outcome=outcome, cpu_ns=cpu_ns))


def _receive(channel: socket.socket) -> bytes:
    """Returns a whole frame, or nothing when the host has closed the channel.

    It waits with MSG_PEEK, which removes nothing from the channel: when the process is killed while
    it waits, the event stays unread and another environment can have it.
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
    except Exception as error:  # as on Lambda, any exception of a handler is its result
        document = _error_document(error, request_id=context.aws_request_id)
        _print_error(document)
        return Outcome.RAISED, json.dumps(document).encode()
    return _encode(result, request_id=context.aws_request_id)


def _encode(result: object, *, request_id: str) -> tuple[Outcome, bytes]:
    try:
        payload = json.dumps(
            result, ensure_ascii=False, allow_nan=False, default=_json_default
        ).encode()
    except (TypeError, ValueError, RecursionError) as error:
        return _failure(
            "Runtime.MarshalError", f"Unable to marshal response: {error}", request_id=request_id
        )
    if len(payload) > MAX_RESPONSE_BYTES:
        return _failure(
            "Function.ResponseSizeTooLarge",
            "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
            request_id=request_id,
        )
    return Outcome.RETURNED, payload


def _failure(kind: str, message: str, *, request_id: str) -> tuple[Outcome, bytes]:
    document = {"errorMessage": message, "errorType": kind, "requestId": request_id}
    _print_error(document)
    return Outcome.RAISED, json.dumps(document).encode()


def _json_default(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _error_document(error: Exception, *, request_id: str) -> dict[str, object]:
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": request_id,
        "stackTrace": _stack_trace(error),
    }


def _stack_trace(error: BaseException) -> list[str]:
    """The stack frames of the function, without those of this runtime and of the import system."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename != __file__ and "importlib" not in frame.filename
    ]
    return traceback.format_list(frames)


def _print_error(document: Mapping[str, object]) -> None:
    line = {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "level": "ERROR"}
    print(json.dumps({**line, **document}), flush=True)


def _json_frame(payload: object, *, outcome: Outcome, cpu_ns: int) -> bytes:
    return result_frame(json.dumps(payload).encode(), outcome=outcome, cpu_ns=cpu_ns)
