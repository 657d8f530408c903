"""The Lambda host: functions run as on Lambda, also when they crash or block."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import pytest_asyncio

from cgraph_local.host import InvocationError, LambdaHost
from tests.unit.local.running_host import (
    CODE,
    CollectedLog,
    new_function,
    pid_of,
    wait_until,
    write_code,
)


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("functions")
    write_code(folder)
    return folder


@pytest_asyncio.fixture(scope="module")
async def log(tmp_path_factory: pytest.TempPathFactory) -> CollectedLog:
    return CollectedLog(tmp_path_factory.mktemp("logs"))


@pytest_asyncio.fixture(scope="module")
async def host(code: Path, log: CollectedLog) -> AsyncIterator[LambdaHost]:
    functions = {
        "Act": new_function(code),
        "Alone": new_function(code, name="Alone", reserved=1),
        "Broken": new_function(code, name="Broken", handler="broken.handler"),
        "Crooked": new_function(code, name="Crooked", handler="crooked.handler"),
        "Dying": new_function(code, name="Dying", handler="dying.handler"),
        "Nowhere": new_function(code, name="Nowhere", handler="act.nothing"),
    }
    host = LambdaHost(functions, log=log, max_environments=3)
    await host.start()
    yield host
    await host.stop()


async def invoke(host: LambdaHost, do: str | None = None, **event: object) -> Any:
    result = await host.invoke("Act", {"do": do, **event})
    assert result.error is None, result
    return result.payload


async def invoke_failing(
    host: LambdaHost, do: str, **event: object
) -> tuple[InvocationError | None, Any]:
    result = await host.invoke("Act", {"do": do, **event})
    return result.error, result.payload


async def test_an_environment_is_kept_warm(host: LambdaHost) -> None:
    first = await invoke(host)
    assert await invoke(host) == {"pid": first["pid"], "count": first["count"] + 1}


async def test_an_event_may_be_a_mapping_or_json(host: LambdaHost) -> None:
    event = {"do": "echo", "text": "ünï", "deep": [{"a": None}]}
    as_bytes = await host.invoke("Act", json.dumps(event).encode())
    assert as_bytes.payload == (await host.invoke("Act", event)).payload == event


async def test_a_function_has_the_variables_of_lambda_and_no_others(
    host: LambdaHost, code: Path
) -> None:
    variables = await invoke(host, "variables")
    assert variables["COLOUR"] == "blue"
    assert variables["AWS_LAMBDA_FUNCTION_NAME"] == "Act"
    assert variables["AWS_ENDPOINT_URL"] == "http://127.0.0.1:0"
    assert variables["_HANDLER"] == "act.handler"
    assert "HOME" not in variables
    folder, paths = await invoke(host, "where")
    assert folder == paths[0] == str(code)
    assert not any((Path(path) / "cgraph_local").is_dir() for path in paths)


async def test_a_handler_gets_the_context_of_lambda(host: LambdaHost) -> None:
    result = await host.invoke("Act", {"do": "context"})
    assert isinstance(result.payload, list)
    request_id, name, memory, arn, remaining = result.payload
    assert (request_id, name, memory) == (result.request_id, "Act", "256")
    assert arn == "arn:aws:lambda:us-east-1:000000000000:function:Act"
    assert 0 < remaining <= 1000


async def test_an_exception_becomes_the_error_document(host: LambdaHost) -> None:
    error, document = await invoke_failing(host, "raise")
    assert error is InvocationError.UNHANDLED
    assert (document["errorType"], document["errorMessage"]) == ("ValueError", "no")
    assert 'raise ValueError("no")' in document["stackTrace"][-1]
    assert "runtime.py" not in "".join(document["stackTrace"])


@pytest.mark.parametrize("do", ["unserialisable", "not a number", "surrogate"])
async def test_a_result_that_is_not_json_is_a_marshal_error(host: LambdaHost, do: str) -> None:
    error, document = await invoke_failing(host, do)
    assert error is InvocationError.UNHANDLED
    assert document["errorType"] == "Runtime.MarshalError"


async def test_a_result_of_more_than_six_megabytes_is_refused(host: LambdaHost) -> None:
    assert len(await invoke(host, "large", size=6_000_000)) == 6_000_000
    error, document = await invoke_failing(host, "large", size=6_300_000)
    assert error is InvocationError.UNHANDLED
    assert document["errorType"] == "Function.ResponseSizeTooLarge"
    assert await invoke(host, "decimal") == 1.5


@pytest.mark.parametrize(
    ("do", "exit_reason"), [("die", "exit status 3"), ("leave", "exit status 4")]
)
async def test_an_exit_is_a_crash_and_the_next_event_gets_a_new_environment(
    host: LambdaHost, do: str, exit_reason: str
) -> None:
    error, document = await invoke_failing(host, do)
    assert error is InvocationError.CRASHED
    assert document["errorType"] == "Runtime.ExitError"
    assert exit_reason in document["errorMessage"]
    assert (await invoke(host))["count"] == 1


async def test_an_environment_is_killed_at_the_timeout(host: LambdaHost) -> None:
    pid = (await invoke(host))["pid"]
    error, document = await invoke_failing(host, "sleep", seconds=30)
    assert error is InvocationError.TIMED_OUT
    assert "Task timed out after 1.00 seconds" in document["errorMessage"]
    assert not psutil.pid_exists(pid)


async def test_a_stopped_environment_times_out(host: LambdaHost) -> None:
    os.kill((await invoke(host))["pid"], signal.SIGSTOP)
    error, _ = await invoke_failing(host, "echo")
    assert error is InvocationError.TIMED_OUT
    await invoke(host)


async def test_an_environment_killed_during_an_event_is_a_crash(host: LambdaHost) -> None:
    pid = (await invoke(host))["pid"]
    in_progress = asyncio.create_task(host.invoke("Act", {"do": "sleep", "seconds": 0.5}))
    await asyncio.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    result = await in_progress
    assert result.error is InvocationError.CRASHED
    assert "signal: 9" in str(result.payload)


async def test_no_event_fails_when_an_idle_environment_is_killed(host: LambdaHost) -> None:
    """Not even when the event is sent before the host can notice the exit."""
    for number in range(40):
        os.kill((await invoke(host))["pid"], signal.SIGKILL)
        await asyncio.sleep(number % 4 * 0.001)
        assert (await invoke(host))["count"] == 1


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Broken", "Runtime.ImportModuleError"),
        ("Crooked", "Runtime.UserCodeSyntaxError"),
        ("Nowhere", "Runtime.HandlerNotFound"),
    ],
)
async def test_an_import_error_is_returned_with_its_reason(
    host: LambdaHost, name: str, kind: str
) -> None:
    result = await host.invoke(name, {})
    assert result.error is InvocationError.IMPORT_FAILED
    assert isinstance(result.payload, dict)
    assert result.payload["errorType"] == kind
    assert result.payload["requestId"] == result.request_id


async def test_an_exit_during_the_import_is_a_crash_for_each_event(host: LambdaHost) -> None:
    results = await asyncio.gather(*(host.invoke("Dying", {}) for _ in range(5)))
    assert {result.error for result in results} == {InvocationError.CRASHED}


async def test_events_above_the_reserved_concurrency_are_throttled(host: LambdaHost) -> None:
    event = {"do": "sleep", "seconds": 0.2}
    results = await asyncio.gather(*(host.invoke("Alone", event) for _ in range(3)))
    assert [result.error for result in results] == [
        None,
        InvocationError.THROTTLED,
        InvocationError.THROTTLED,
    ]
    assert (await host.invoke("Alone", {})).error is None


async def test_events_above_the_maximum_of_environments_wait(host: LambdaHost) -> None:
    event = {"do": "sleep", "seconds": 0.1}
    results = await asyncio.gather(*(host.invoke("Act", event) for _ in range(9)))
    pids = {pid_of(result) for result in results}
    assert len(pids) == 3
    assert {result.error for result in results} == {None}


async def test_cancelled_callers_do_not_block_later_events(host: LambdaHost) -> None:
    for _ in range(3):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(host.invoke("Alone", {"do": "sleep", "seconds": 0.1}), 0.02)
    await asyncio.sleep(0.4)
    assert (await host.invoke("Alone", {})).error is None


async def test_log_lines_have_the_id_of_their_request(host: LambdaHost, log: CollectedLog) -> None:
    log.log.clear()
    result = await host.invoke("Act", {"do": "log"}, tail=True)
    assert result.log[:3] == ("one", "two", "three")
    four = json.loads(result.log[3])
    assert (four["level"], four["message"], four["logger"]) == ("WARNING", "four", "lib")
    logged = [line for line in log.log if line["request_id"] == result.request_id]
    assert [line["message"] for line in logged] == ["one", "two", "three", "four"]


async def test_each_invocation_is_counted(host: LambdaHost) -> None:
    host.statistics.clear()
    await invoke(host)
    await invoke_failing(host, "raise")
    report: Any = host.statistics.report()["Act"]
    assert report["invocations"] == 2
    assert report["errors"] == {"unhandled": 1}
    assert report["cpu_ms"]["count"] == report["duration_ms"]["count"] == 2
    assert all(one["state"] == "idle" for one in report["environments"])


async def test_changed_code_is_used_from_the_next_event_on(host: LambdaHost, code: Path) -> None:
    """An event in progress ends with the code with which it began."""
    pid = (await invoke(host))["pid"]
    in_progress = asyncio.create_task(host.invoke("Act", {"do": "sleep", "seconds": 0.3}))
    await asyncio.sleep(0.05)
    path = code / "act.py"
    path.write_text(CODE.replace('"pid": os.getpid()', '"pid": -1'))
    host.reload({"Act"})
    try:
        assert (await invoke(host))["pid"] == -1
        assert pid_of(await in_progress) == pid
    finally:
        path.write_text(CODE)
        host.reload({"Act"})
    await wait_until(lambda: not psutil.pid_exists(pid))
