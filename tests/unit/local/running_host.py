"""Functions for a Lambda host, and hosts that run them."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cgraph_local.cloud.function_environment import with_environment
from cgraph_local.core.endpoints import Endpoints
from cgraph_local.host import InvocationResult, LambdaHost
from cgraph_local.template import Function

CODE = """
import asyncio, decimal, logging, os, sys, time

COUNT = 0

def handler(event, context):
    global COUNT
    COUNT += 1
    match event.get("do"):
        case "raise": raise ValueError("no")
        case "die": os._exit(3)
        case "leave": sys.exit(4)
        case "sleep": time.sleep(event["seconds"])
        case "unserialisable": return object()
        case "not a number": return float("nan")
        case "surrogate": return "\\ud800"
        case "large": return "x" * event["size"]
        case "decimal": return decimal.Decimal("1.5")
        case "echo": return event
        case "variables": return dict(os.environ)
        case "where": return [os.getcwd(), sys.path]
        case "log":
            print("one\\ntwo")
            print("three", file=sys.stderr)
            logging.getLogger("lib").warning("four")
        case "context":
            return [context.aws_request_id, context.function_name, context.memory_limit_in_mb,
                    context.invoked_function_arn, context.get_remaining_time_in_millis()]
        case "loop":
            loop = asyncio.new_event_loop()
            loop.run_until_complete(asyncio.sleep(0))
            loop.close()
    return {"pid": os.getpid(), "count": COUNT}
"""


class CollectedLog:
    """Collects the log entries."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log: list[dict[str, Any]] = []

    def write(self, function: str, line: bytes, *, request_id: str) -> None:
        text = line.decode()
        parsed = json.loads(text) if text.startswith("{") else {"message": text}
        self.log.append({"function": function, "request_id": request_id, **parsed})


def new_function(folder: Path, *, name: str = "Act", **settings: Any) -> Function:
    bare = Function(
        name=name,
        handler=settings.get("handler", "act.handler"),
        timeout=settings.get("timeout", 1),
        memory_mb=256,
        environment={"COLOUR": "blue"},
        reserved_concurrency=settings.get("reserved"),
        code=folder,
    )
    return with_environment(bare, endpoints=Endpoints(), environ={"PATH": "/bin"})


def write_code(folder: Path) -> None:
    (folder / "act.py").write_text(CODE)
    (folder / "broken.py").write_text("import no_such_module\n")
    (folder / "crooked.py").write_text("def handler(:\n")
    (folder / "dying.py").write_text("import os\nos._exit(9)\n")


class RunningHost:
    """A host that belongs to the test. It preloads no modules, since its functions use none: so it
    starts in a fifth of the CPU time."""

    def __init__(self, code: Path, **more: Any) -> None:
        functions = {name: new_function(code, name=name) for name in ("Act", "Other")}
        log = CollectedLog(code)
        self._host = LambdaHost(functions, log=log, max_environments=2, preloaded=(), **more)

    async def __aenter__(self) -> LambdaHost:
        await self._host.start()
        return self._host

    async def __aexit__(self, *_: object) -> None:
        await self._host.stop()


def pid_of(result: InvocationResult) -> int:
    assert isinstance(result.payload, dict), result
    return int(result.payload["pid"])


async def wait_until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.02)
