"""Environments are forked from a process that has imported their code: nothing else differs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from cgraph_local.host import LambdaHost
from cgraph_local.host.invocation import InvocationError
from cgraph_local.template import Function
from tests.unit.local.running_host import CollectedLog, new_function

SHARED = """
import os
COLOUR = os.environ.get("COLOUR")
IMPORTED_IN = os.getpid()
VALUE = 1

from pydantic import BaseModel
class Late(BaseModel, defer_build=True):
    text: str
def MODEL_IS_BUILT():
    return Late.__pydantic_complete__
"""
HANDLER = """
import os, time
from shared import part

HANDLER_IMPORTED_IN = os.getpid()

def handler(event, context):
    time.sleep(event.get("seconds", 0))
    return {
        "pid": os.getpid(), "parent": os.getppid(), "imported_in": part.IMPORTED_IN,
        "handler_imported_in": HANDLER_IMPORTED_IN, "model_is_built": part.MODEL_IS_BUILT(),
        "value": part.VALUE, "name": os.environ["AWS_LAMBDA_FUNCTION_NAME"], "colour": part.COLOUR,
    }
"""
BROKEN = "from shared import broken\n"


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    package = tmp_path / "layer" / "shared"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "part.py").write_text(SHARED)
    (package / "broken.py").write_text("import no_such_module\n")
    return tmp_path / "layer"


@pytest.fixture
def functions(tmp_path: Path, layer: Path) -> dict[str, Function]:
    (tmp_path / "act.py").write_text(HANDLER)
    (tmp_path / "broken.py").write_text(BROKEN)
    handlers = {"Act": "act.handler", "Other": "act.handler", "Broken": "broken.handler"}
    return {
        name: replace(new_function(tmp_path, name=name, handler=handler), layers=(layer,))
        for name, handler in handlers.items()
    }


@pytest.fixture
async def host(functions: dict[str, Function], tmp_path: Path) -> AsyncIterator[LambdaHost]:
    host = LambdaHost(functions, log=CollectedLog(tmp_path), max_environments=3, preloaded=())
    await host.start()
    yield host
    await host.stop()


async def invoke(host: LambdaHost, name: str = "Act", **event: object) -> dict[str, Any]:
    result = await host.invoke(name, event)
    assert isinstance(result.payload, dict) and result.error is None, result
    return result.payload


async def invoke_new(host: LambdaHost, name: str = "Act") -> dict[str, Any]:
    """In a new environment, which imports its handler again. That makes no new image."""
    host.reload({name})
    return await invoke(host, name)


async def invoke_from_image(host: LambdaHost, name: str = "Act") -> dict[str, Any]:
    """In the first new environment that is forked from an image."""
    async with asyncio.timeout(10):
        while (answer := await invoke_new(host, name))["imported_in"] == answer["pid"]:
            pass
    return answer


async def test_the_layers_are_imported_once_for_all_functions(host: LambdaHost) -> None:
    first, second = await invoke_from_image(host), await invoke_new(host, "Other")
    assert first["imported_in"] == second["imported_in"] == first["parent"] == second["parent"]
    assert (first["name"], second["name"]) == ("Act", "Other")


async def test_the_functions_are_imported_and_models_are_built_in_the_image(
    host: LambdaHost,
) -> None:
    await invoke_from_image(host)
    answer = await invoke(host, "Other")
    assert answer["handler_imported_in"] == answer["parent"]
    assert answer["model_is_built"]


async def test_changed_code_of_one_function_is_used_from_the_next_event_on(
    host: LambdaHost, tmp_path: Path
) -> None:
    before = await invoke_from_image(host)
    (tmp_path / "act.py").write_text(HANDLER.replace("part.VALUE,", "'changed',"))
    after = await invoke_new(host)
    assert (before["value"], after["value"]) == (1, "changed")
    assert (await invoke_new(host))["imported_in"] == before["parent"]


async def test_the_code_sees_variables_that_all_functions_have(
    host: LambdaHost, functions: dict[str, Function]
) -> None:
    assert (await invoke_from_image(host))["colour"] == "blue"
    environment = {**functions["Other"].environment, "COLOUR": "red"}
    host.apply({**functions, "Other": replace(functions["Other"], environment=environment)})
    assert (await invoke_from_image(host))["colour"] is None


async def test_an_idle_environment_without_the_image_ends_when_there_is_one(
    host: LambdaHost, functions: dict[str, Function], layer: Path
) -> None:
    (layer / "shared" / "slow.py").write_text("import time\ntime.sleep(1)\n")
    host.reload(set(functions))
    alone = await invoke(host)
    assert alone["imported_in"] == alone["pid"]
    async with asyncio.timeout(20):
        while psutil.pid_exists(alone["pid"]):
            await asyncio.sleep(0.05)
    shared = await invoke(host)
    assert shared["imported_in"] == shared["parent"]


async def test_changed_code_of_a_layer_is_used_from_the_next_event_on(
    host: LambdaHost, functions: dict[str, Function], layer: Path
) -> None:
    assert (await invoke_from_image(host))["value"] == 1
    (layer / "shared" / "part.py").write_text(SHARED.replace("VALUE = 1", "VALUE = 22"))
    host.reload(set(functions))
    assert (await invoke(host))["value"] == 22
    assert (await invoke_from_image(host))["value"] == 22


async def test_an_event_in_progress_ends_with_the_code_with_which_it_began(
    host: LambdaHost, functions: dict[str, Function]
) -> None:
    before = await invoke_from_image(host)
    in_progress = asyncio.create_task(invoke(host, seconds=0.3))
    await asyncio.sleep(0.05)
    host.reload(set(functions))
    assert (await in_progress)["pid"] == before["pid"]
    await wait_until(lambda: not psutil.pid_exists(before["pid"]))
    await host._images.close_unused()  # otherwise at the next look for idle environments
    await wait_until(lambda: not psutil.pid_exists(before["parent"]))


async def test_what_cannot_be_imported_is_told_by_the_function_that_needs_it(
    host: LambdaHost,
) -> None:
    await invoke_from_image(host)
    result = await host.invoke("Broken", {})
    assert result.error is InvocationError.IMPORT_FAILED
    assert "No module named 'no_such_module'" in str(result.payload)


async def test_an_image_that_was_killed_is_done_without(host: LambdaHost) -> None:
    before = await invoke_from_image(host)
    psutil.Process(before["parent"]).kill()
    await wait_until(lambda: not psutil.pid_exists(before["pid"]))
    after = await invoke(host)
    assert after["imported_in"] == after["pid"]


async def test_stop_leaves_no_process(functions: dict[str, Function], tmp_path: Path) -> None:
    host = LambdaHost(functions, log=CollectedLog(tmp_path), preloaded=())
    await host.start()
    answer = await invoke_from_image(host)
    server = psutil.Process(answer["parent"]).ppid()
    await host.stop()
    assert not any(psutil.pid_exists(pid) for pid in (answer["pid"], answer["parent"], server))


async def wait_until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.02)
