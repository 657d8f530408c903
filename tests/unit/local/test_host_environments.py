"""When the Lambda host starts and ends execution environments, and how it ends itself."""

import asyncio
from pathlib import Path

import psutil
import pytest

from cgraph_local.host import InvocationError, LambdaHost, UnknownFunction
from cgraph_local.host import lambda_host as host_module
from tests.unit.local.running_host import RunningHost, new_function, pid_of, wait_until, write_code


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("functions")
    write_code(folder)
    return folder


async def test_changed_settings_are_used_from_the_next_event_on(code: Path) -> None:
    async with RunningHost(code) as other:
        assert (await other.invoke("Act", {"do": "variables"})).error is None
        changed = new_function(code, handler="act.nothing")
        other.apply({"Act": changed})
        assert (await other.invoke("Act", {})).error is InvocationError.IMPORT_FAILED
        other.apply({})
        with pytest.raises(UnknownFunction):
            await other.invoke("Act", {})


async def test_idle_environments_end(code: Path) -> None:
    async with RunningHost(code, idle_seconds=0.2) as other:
        pid = pid_of(await other.invoke("Act", {}))
        await wait_until(lambda: not psutil.pid_exists(pid))


async def test_idle_environments_beyond_the_maximum_end_sooner(
    code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_module, "MAX_IDLE", 1)
    monkeypatch.setattr(host_module, "EXCESS_IDLE_SECONDS", 0.2)
    monkeypatch.setattr(host_module, "REAP_INTERVAL", 0.1)
    async with RunningHost(code) as other:
        both = await two_environments(other)
        await wait_until(lambda: sum(map(psutil.pid_exists, both)) == 1)
        await asyncio.sleep(0.4)
        assert sum(map(psutil.pid_exists, both)) == 1


async def two_environments(host: LambdaHost) -> set[int]:
    """Two events take place at the same time. On a busy machine the first may be over before the
    second one has begun, and then both have one environment."""
    for seconds in (0.1, 0.5, 2.5, 10.0):
        event = {"do": "sleep", "seconds": seconds}
        results = await asyncio.gather(*(host.invoke("Act", event) for _ in range(2)))
        if len(both := set(map(pid_of, results))) == 2:
            return both
    raise AssertionError("two events at the same time had one environment")


async def test_the_longest_idle_environment_ends_when_there_are_too_many(
    code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_module, "MAX_ENVIRONMENTS", 2)
    async with RunningHost(code) as other:
        first, second = (
            pid_of(await other.invoke("Act", {})),
            pid_of(await other.invoke("Other", {})),
        )
        event = {"do": "sleep", "seconds": 0.3}
        pair = [asyncio.ensure_future(other.invoke("Other", event)) for _ in range(2)]
        await wait_until(lambda: not psutil.pid_exists(first))
        assert second in {pid_of(each) for each in await asyncio.gather(*pair)}


async def test_the_host_restarts_a_fork_server_that_was_killed(code: Path) -> None:
    async with RunningHost(code) as other:
        pid = pid_of(await other.invoke("Act", {}))
        in_progress = asyncio.create_task(other.invoke("Act", {"do": "sleep", "seconds": 0.9}))
        await asyncio.sleep(0.1)
        psutil.Process(pid).parent().kill()  # type: ignore[union-attr]
        assert (await in_progress).error is InvocationError.CRASHED
        assert (await other.invoke("Act", {})).error is None


async def test_stop_waits_for_events_and_leaves_no_process(code: Path) -> None:
    async with RunningHost(code) as other:
        pid = pid_of(await other.invoke("Act", {}))
        in_progress = asyncio.create_task(other.invoke("Act", {"do": "sleep", "seconds": 0.3}))
        await asyncio.sleep(0.05)
    assert (await in_progress).error is None
    assert not psutil.pid_exists(pid)


async def test_kill_all_environments_crashes_events_in_progress(code: Path) -> None:
    async with RunningHost(code) as other:
        await other.invoke("Act", {})
        in_progress = asyncio.create_task(other.invoke("Act", {"do": "sleep", "seconds": 0.9}))
        await asyncio.sleep(0.05)
        other.kill_all_environments()
        assert (await asyncio.wait_for(in_progress, 0.5)).error is InvocationError.CRASHED
