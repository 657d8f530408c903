"""`make reindex STAGE=…`, with the function that it calls."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest

from scripts.deployment import operating
from scripts.deployment.commands import Choice
from scripts.deployment.steps import CommandError
from tests.feature.environment import work_off
from tests.feature.world import Person, World

pytestmark = pytest.mark.usefixtures("few_documents")


class Aws:
    """Calls the function in a process of the test's, as Lambda would."""

    def __init__(self, world: World) -> None:
        self.world, self.loop = world, asyncio.get_running_loop()
        self.names: list[str] = []

    def client(self, service: str, **_: Any) -> Aws:
        return self

    def describe_stack_resource(self, **named: str) -> dict[str, Any]:
        name = f"{named['StackName']}-{named['LogicalResourceId']}"
        return {"StackResourceDetail": {"PhysicalResourceId": name}}

    def invoke(self, **call: Any) -> dict[str, Any]:
        self.names.append(call["FunctionName"])
        try:
            event = json.loads(call["Payload"])
            answer = self._wait(self.world.run(work_off, "deployment.reindex_documents", event))
        except Exception as error:
            answer = {"errorType": type(error).__name__, "errorMessage": str(error)}
            return {"FunctionError": "Unhandled", "Payload": payload(answer)}
        return {"Payload": payload(answer)}

    def _wait(self, answer: Awaitable[Any]) -> Any:
        async def result() -> Any:
            return await answer

        return asyncio.run_coroutine_threadsafe(result(), self.loop).result(120)


def payload(answer: object) -> io.BytesIO:
    return io.BytesIO(json.dumps(answer).encode())


@pytest.fixture
async def aws(world: World, monkeypatch: pytest.MonkeyPatch) -> Aws:
    aws = Aws(world)
    monkeypatch.setattr("scripts.deployment.calls.boto3.client", aws.client)
    return aws


@pytest.fixture
def reindex(aws: Aws) -> Callable[[], Awaitable[None]]:
    arguments = argparse.Namespace(command="reindex", stage="trial")
    return lambda: asyncio.to_thread(operating.run, arguments, Choice(), overrides={})


async def test_a_stage_gets_a_new_index(
    world: World,
    search_engine: str,
    aws: Aws,
    ada: Person,
    reindex: Callable[[], Awaitable[None]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    if search_engine == "postgres":
        with pytest.raises(CommandError, match="ReindexDocuments returned NoOpenSearch"):
            await reindex()
        return
    word = f"w{uuid4().hex[:10]}"
    await ada.call("change_me", {"bio": word})
    await reindex()
    assert "is searched from now on" in capsys.readouterr().out
    assert set(aws.names) == {"cgraph-trial-ReindexDocuments"}
    found = await ada.call("search_documents", query=f"q={word}")
    assert [hit["id"] for hit in found.body["items"]] == [ada.id]
    assert not found.body["degraded"]
