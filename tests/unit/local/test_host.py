"""Functions run as on Lambda, whatever they do to their process."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import pytest_asyncio

from cgraph_local.cloud.function_environment import with_environment
from cgraph_local.host import InvocationError, InvocationResult, LambdaHost, UnknownFunction
from cgraph_local.host import lambda_host as host_module
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


class Lines:
    """What the host would write for people, kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines: list[dict[str, Any]] = []

    def write(self, function: str, line: bytes, *, request_id: str) -> None:
        text = line.decode()
        parsed = json.loads(text) if text.startswith("{") else {"message": text}
        self.lines.append({"function": function, "request_id": request_id, **parsed})


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
    return with_environment(bare, emulator_url="http://127.0.0.1:1", environ={"PATH": "/bin"})


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("functions")
    (folder / "act.py").write_text(CODE)
    (folder / "broken.py").write_text("import no_such_module\n")
    (folder / "crooked.py").write_text("def handler(:\n")
    (folder / "dying.py").write_text("import os\nos._exit(9)\n")
    return folder


@pytest_asyncio.fixture(scope="module")
async def lines(tmp_path_factory: pytest.TempPathFactory) -> Lines:
    return Lines(tmp_path_factory.mktemp("logs"))


@pytest_asyncio.fixture(scope="module")
async def host(code: Path, lines: Lines) -> AsyncIterator[LambdaHost]:
    functions = {
        "Act": new_function(code),
        "Alone": new_function(code, name="Alone", reserved=1),
        "Broken": new_function(code, name="Broken", handler="broken.handler"),
        "Crooked": new_function(code, name="Crooked", handler="crooked.handler"),
        "Dying": new_function(code, name="Dying", handler="dying.handler"),
        "Nowhere": new_function(code, name="Nowhere", handler="act.nothing"),
    }
    host = LambdaHost(functions, log=lines, max_environments=3)
    await host.start()
    yield host
    await host.stop()


async def act(host: LambdaHost, do: str | None = None, **event: object) -> Any:
    invocation = await host.invoke("Act", {"do": do, **event})
    assert invocation.error is None, invocation
    return invocation.payload


async def fail(host: LambdaHost, do: str, **event: object) -> tuple[InvocationError | None, Any]:
    invocation = await host.invoke("Act", {"do": do, **event})
    return invocation.error, invocation.payload


async def test_an_environment_is_kept_warm(host: LambdaHost) -> None:
    first = await act(host)
    assert await act(host) == {"pid": first["pid"], "count": first["count"] + 1}


async def test_an_event_may_be_json_already(host: LambdaHost) -> None:
    event = {"do": "echo", "text": "ünï", "deep": [{"a": None}]}
    as_bytes = await host.invoke("Act", json.dumps(event).encode())
    assert as_bytes.payload == (await host.invoke("Act", event)).payload == event


async def test_it_has_the_variables_of_lambda_and_no_others(host: LambdaHost, code: Path) -> None:
    variables = await act(host, "variables")
    assert variables["COLOUR"] == "blue"
    assert variables["AWS_LAMBDA_FUNCTION_NAME"] == "Act"
    assert variables["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert variables["_HANDLER"] == "act.handler"
    assert "HOME" not in variables
    folder, paths = await act(host, "where")
    assert folder == paths[0] == str(code)
    assert not any((Path(path) / "cgraph_local").is_dir() for path in paths)


async def test_it_has_the_context_of_lambda(host: LambdaHost) -> None:
    invocation = await host.invoke("Act", {"do": "context"})
    assert isinstance(invocation.payload, list)
    request_id, name, memory, arn, left = invocation.payload
    assert (request_id, name, memory) == (invocation.request_id, "Act", "256")
    assert arn == "arn:aws:lambda:us-east-1:000000000000:function:Act"
    assert 0 < left <= 1000


async def test_what_it_raises_is_its_answer(host: LambdaHost) -> None:
    error, document = await fail(host, "raise")
    assert error is InvocationError.UNHANDLED
    assert (document["errorType"], document["errorMessage"]) == ("ValueError", "no")
    assert 'raise ValueError("no")' in document["stackTrace"][-1]
    assert "runtime.py" not in "".join(document["stackTrace"])


@pytest.mark.parametrize("do", ["unserialisable", "not a number", "surrogate"])
async def test_what_is_not_json_is_a_marshal_error(host: LambdaHost, do: str) -> None:
    error, document = await fail(host, do)
    assert error is InvocationError.UNHANDLED
    assert document["errorType"] == "Runtime.MarshalError"


async def test_answers_may_be_six_megabytes(host: LambdaHost) -> None:
    assert len(await act(host, "large", size=6_000_000)) == 6_000_000
    error, document = await fail(host, "large", size=6_300_000)
    assert error is InvocationError.UNHANDLED
    assert document["errorType"] == "Function.ResponseSizeTooLarge"
    assert await act(host, "decimal") == 1.5


@pytest.mark.parametrize(("do", "how"), [("die", "exit status 3"), ("leave", "exit status 4")])
async def test_its_death_is_a_crash_and_the_next_event_gets_a_new_one(
    host: LambdaHost, do: str, how: str
) -> None:
    error, document = await fail(host, do)
    assert error is InvocationError.CRASHED
    assert document["errorType"] == "Runtime.ExitError"
    assert how in document["errorMessage"]
    assert (await act(host))["count"] == 1


async def test_it_is_killed_when_its_time_is_over(host: LambdaHost) -> None:
    pid = (await act(host))["pid"]
    error, document = await fail(host, "sleep", seconds=30)
    assert error is InvocationError.TIMED_OUT
    assert "Task timed out after 1.00 seconds" in document["errorMessage"]
    assert not psutil.pid_exists(pid)


async def test_a_stopped_one_times_out(host: LambdaHost) -> None:
    os.kill((await act(host))["pid"], signal.SIGSTOP)
    error, _ = await fail(host, "echo")
    assert error is InvocationError.TIMED_OUT
    await act(host)


async def test_killed_in_flight_is_a_crash(host: LambdaHost) -> None:
    pid = (await act(host))["pid"]
    under_way = asyncio.create_task(host.invoke("Act", {"do": "sleep", "seconds": 0.5}))
    await asyncio.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    invocation = await under_way
    assert invocation.error is InvocationError.CRASHED
    assert "signal: 9" in str(invocation.payload)


async def test_killed_while_idle_is_nobodys_business(host: LambdaHost) -> None:
    """Also when the event is sent before anyone can know of the death."""
    for number in range(40):
        os.kill((await act(host))["pid"], signal.SIGKILL)
        await asyncio.sleep(number % 4 * 0.001)
        assert (await act(host))["count"] == 1


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Broken", "Runtime.ImportModuleError"),
        ("Crooked", "Runtime.UserCodeSyntaxError"),
        ("Nowhere", "Runtime.HandlerNotFound"),
    ],
)
async def test_a_module_that_cannot_be_imported_says_why(
    host: LambdaHost, name: str, kind: str
) -> None:
    invocation = await host.invoke(name, {})
    assert invocation.error is InvocationError.IMPORT_FAILED
    assert isinstance(invocation.payload, dict)
    assert invocation.payload["errorType"] == kind
    assert invocation.payload["requestId"] == invocation.request_id


async def test_dying_in_the_import_is_a_crash_for_each_event(host: LambdaHost) -> None:
    outcomes = await asyncio.gather(*(host.invoke("Dying", {}) for _ in range(5)))
    assert {outcome.error for outcome in outcomes} == {InvocationError.CRASHED}


async def test_above_reserved_concurrency_it_is_throttled(host: LambdaHost) -> None:
    event = {"do": "sleep", "seconds": 0.2}
    outcomes = await asyncio.gather(*(host.invoke("Alone", event) for _ in range(3)))
    assert [outcome.error for outcome in outcomes] == [
        None,
        InvocationError.THROTTLED,
        InvocationError.THROTTLED,
    ]
    assert (await host.invoke("Alone", {})).error is None


async def test_above_the_ceiling_events_wait_in_line(host: LambdaHost) -> None:
    event = {"do": "sleep", "seconds": 0.1}
    outcomes = await asyncio.gather(*(host.invoke("Act", event) for _ in range(9)))
    pids = {_pid(outcome) for outcome in outcomes}
    assert len(pids) == 3
    assert {outcome.error for outcome in outcomes} == {None}


async def test_a_caller_that_goes_away_leaves_no_trace(host: LambdaHost) -> None:
    for _ in range(3):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(host.invoke("Alone", {"do": "sleep", "seconds": 0.1}), 0.02)
    await asyncio.sleep(0.4)
    assert (await host.invoke("Alone", {})).error is None


async def test_what_it_writes_is_told_with_its_request(host: LambdaHost, lines: Lines) -> None:
    lines.lines.clear()
    invocation = await host.invoke("Act", {"do": "log"}, tail=True)
    assert invocation.log[:3] == ("one", "two", "three")
    four = json.loads(invocation.log[3])
    assert (four["level"], four["message"], four["logger"]) == ("WARNING", "four", "lib")
    told = [line for line in lines.lines if line["request_id"] == invocation.request_id]
    assert [line["message"] for line in told] == ["one", "two", "three", "four"]


async def test_each_invocation_is_accounted(host: LambdaHost) -> None:
    host.statistics.clear()
    await act(host)
    await fail(host, "raise")
    report: Any = host.statistics.report()["Act"]
    assert report["invocations"] == 2
    assert report["errors"] == {"unhandled": 1}
    assert report["cpu_ms"]["count"] == report["duration_ms"]["count"] == 2
    assert all(one["state"] == "idle" for one in report["environments"])


async def test_changed_code_is_used_by_the_next_event(host: LambdaHost, code: Path) -> None:
    """An event on its way ends with the code it began with."""
    pid = (await act(host))["pid"]
    under_way = asyncio.create_task(host.invoke("Act", {"do": "sleep", "seconds": 0.3}))
    await asyncio.sleep(0.05)
    path = code / "act.py"
    path.write_text(CODE.replace('"pid": os.getpid()', '"pid": -1'))
    host.reload({"Act"})
    try:
        assert (await act(host))["pid"] == -1
        assert _pid(await under_way) == pid
    finally:
        path.write_text(CODE)
        host.reload({"Act"})
    await _until(lambda: not psutil.pid_exists(pid))


async def test_changed_settings_are_used_by_the_next_event(host: LambdaHost, code: Path) -> None:
    async with _host(code, host) as other:
        assert (await other.invoke("Act", {"do": "variables"})).error is None
        changed = new_function(code, handler="act.nothing")
        other.apply({"Act": changed})
        assert (await other.invoke("Act", {})).error is InvocationError.IMPORT_FAILED
        other.apply({})
        with pytest.raises(UnknownFunction):
            await other.invoke("Act", {})


async def test_idle_ones_are_ended(code: Path, lines: Lines) -> None:
    async with _host(code, lines=lines, idle_seconds=0.2) as other:
        pid = _pid(await other.invoke("Act", {}))
        await _until(lambda: not psutil.pid_exists(pid))


async def test_many_idle_ones_are_not_kept_for_long(
    code: Path, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_module, "MAX_IDLE", 1)
    monkeypatch.setattr(host_module, "EXCESS_IDLE_SECONDS", 0.2)
    monkeypatch.setattr(host_module, "REAP_INTERVAL", 0.1)
    async with _host(code, lines=lines) as other:
        event = {"do": "sleep", "seconds": 0.1}
        first, second = await asyncio.gather(*(other.invoke("Act", event) for _ in range(2)))
        both = [_pid(first), _pid(second)]
        await _until(lambda: sum(map(psutil.pid_exists, both)) == 1)
        await asyncio.sleep(0.4)
        assert sum(map(psutil.pid_exists, both)) == 1


async def test_where_there_are_too_many_the_longest_idle_makes_room(
    code: Path, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_module, "MAX_ENVIRONMENTS", 2)
    async with _host(code, lines=lines) as other:
        first, second = _pid(await other.invoke("Act", {})), _pid(await other.invoke("Other", {}))
        event = {"do": "sleep", "seconds": 0.3}
        pair = [asyncio.ensure_future(other.invoke("Other", event)) for _ in range(2)]
        await _until(lambda: not psutil.pid_exists(first))
        assert second in {_pid(each) for each in await asyncio.gather(*pair)}


async def test_it_survives_the_loss_of_the_process_they_are_forked_from(
    code: Path, lines: Lines
) -> None:
    async with _host(code, lines=lines) as other:
        pid = _pid(await other.invoke("Act", {}))
        under_way = asyncio.create_task(other.invoke("Act", {"do": "sleep", "seconds": 0.9}))
        await asyncio.sleep(0.1)
        psutil.Process(pid).parent().kill()  # type: ignore[union-attr]
        assert (await under_way).error is InvocationError.CRASHED
        assert (await other.invoke("Act", {})).error is None


async def test_stopping_lets_events_end_and_leaves_no_process(code: Path, lines: Lines) -> None:
    async with _host(code, lines=lines) as other:
        pid = _pid(await other.invoke("Act", {}))
        under_way = asyncio.create_task(other.invoke("Act", {"do": "sleep", "seconds": 0.3}))
        await asyncio.sleep(0.05)
    assert (await under_way).error is None
    assert not psutil.pid_exists(pid)


async def test_abandoned_events_have_crashed(code: Path, lines: Lines) -> None:
    async with _host(code, lines=lines) as other:
        await other.invoke("Act", {})
        under_way = asyncio.create_task(other.invoke("Act", {"do": "sleep", "seconds": 0.9}))
        await asyncio.sleep(0.05)
        other.kill_all_environments()
        assert (await asyncio.wait_for(under_way, 0.5)).error is InvocationError.CRASHED


class _host:
    """A host of a test's own."""

    def __init__(self, code: Path, _: object = None, *, lines: Lines | None = None, **more: Any):
        log = lines or Lines(code)
        self._host = LambdaHost(
            {name: new_function(code, name=name) for name in ("Act", "Other")},
            log=log,
            max_environments=2,
            **more,
        )

    async def __aenter__(self) -> LambdaHost:
        await self._host.start()
        return self._host

    async def __aexit__(self, *_: object) -> None:
        await self._host.stop()


def _pid(invocation: InvocationResult) -> int:
    assert isinstance(invocation.payload, dict), invocation
    return int(invocation.payload["pid"])


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.02)
