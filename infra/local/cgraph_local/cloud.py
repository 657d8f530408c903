"""The local cloud, put together: what `cgraph run` keeps running."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from cgraph_local.demo import make_demo
from cgraph_local.environment import with_environment
from cgraph_local.gateway import Gateway, GatewayOptions, GatewayServer, new_gateway
from cgraph_local.home import CHECKOUT, Home
from cgraph_local.host import LambdaHost
from cgraph_local.logs import FunctionLogs
from cgraph_local.migrations import MIGRATIONS, SCHEMA, describe, migrate_home, reload_home
from cgraph_local.parameters import surroundings
from cgraph_local.progress import Progress
from cgraph_local.readiness import wait_ready
from cgraph_local.reload import changed_functions
from cgraph_local.running import RunningCloud
from cgraph_local.services import Endpoints, ServiceFailed, Services
from cgraph_local.template import Function, Stack
from cgraph_local.template.read import resolve_stack
from cgraph_local.template.translate import translate
from cgraph_local.triggers import Triggers

DOCUMENTS = CHECKOUT / "docs" / "api"


class Cloud:
    """Its parts start as early as they can and stop in the opposite order."""

    template = CHECKOUT / "template.yaml"
    sql: Sequence[Path] = (MIGRATIONS, SCHEMA)

    def __init__(self, home: Home, *, port: int, progress: Progress) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self._home = home
        self._port = port
        self._progress = progress
        self._stops = AsyncExitStack()
        self._logs = FunctionLogs(home.logs)
        self._services = Services(home)
        self._host = LambdaHost({}, log=self._logs, ceiling=_ceiling())
        self._endpoints: Endpoints
        self._gateway: Gateway
        self._triggers: Triggers
        self.functions: Mapping[str, Function] = {}

    async def start(self) -> None:
        self._stops.callback(self._logs.close)
        self._stops.push_async_callback(self._services.stop)
        self._stops.push_async_callback(self._host.stop)
        async with asyncio.TaskGroup() as together:
            together.create_task(self._start_services())
            together.create_task(self._start_host())
            translating = together.create_task(asyncio.to_thread(self._translate))
        stack = self._resolve(translating.result())
        self.functions = stack.functions
        self._host.apply(stack.functions)
        await self._start_triggers(stack)
        await self._start_gateway(stack)
        with self._progress.step("every dependency answers"):
            await wait_ready(self.address)
        with self._progress.step("two people to try it with"):
            await asyncio.to_thread(make_demo, RunningCloud(self._home))

    async def stop(self) -> None:
        """The gateway takes nothing new, events end, then environments, then services."""
        await self._stops.aclose()

    def hurry(self) -> None:
        """What functions are doing is ended at once."""
        self._host.abandon()

    async def wait_failed(self) -> ServiceFailed:
        return await self._services.wait_failed()

    def reload_code(self, changed: list[Path]) -> None:
        names = changed_functions(changed, functions=self.functions)
        self._host.reload(names)
        files = ", ".join(str(path.relative_to(CHECKOUT)) for path in changed[:3])
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        which = ", ".join(sorted(names)) if len(names) < 4 else f"{len(names)} functions"
        self._progress.say(f"{files}{more} changed; from the next event on: {which}")

    async def reload_template(self) -> None:
        try:
            stack = self._resolve(await asyncio.to_thread(self._translate))
        except Exception as error:  # whatever a half-edited template makes of the reader
            self._progress.say(f"template.yaml changed, but the old one stays in use.\n{error}")
            return
        self.functions = stack.functions
        self._host.apply(stack.functions)
        self._gateway.apply(stack)
        await self._triggers.apply(stack)
        self._progress.say(f"template.yaml changed: {len(stack.functions)} functions in use")

    async def reload_sql(self) -> None:
        lines = await asyncio.to_thread(reload_home, self._home, endpoints=self._endpoints)
        for line in lines:
            self._progress.say(line)

    async def _start_services(self) -> None:
        self._endpoints = await self._services.start(self._progress)
        with self._progress.step("migrations"):
            migrated = await asyncio.to_thread(migrate_home, self._home, endpoints=self._endpoints)
        for line in describe(migrated):
            self._progress.say(line)

    async def _start_host(self) -> None:
        with self._progress.step("Lambda host"):
            await self._host.start()

    async def _start_triggers(self, stack: Stack) -> None:
        self._triggers = Triggers(
            stack, host=self._host, emulator=self._endpoints.emulator_url, say=self._progress.say
        )
        self._stops.push_async_callback(self._triggers.stop)
        with self._progress.step("queues and timers"):
            await self._triggers.start()

    async def _start_gateway(self, stack: Stack) -> None:
        options = GatewayOptions.from_environment(os.environ, documents=DOCUMENTS)
        self._gateway = new_gateway(stack, self._host, options)
        server = GatewayServer(self._gateway, port=self._port)
        await server.start()
        self._stops.push_async_callback(server.stop)

    def _translate(self) -> dict[str, Any]:
        return translate(self.template, cache=self._home.path / "template.json")

    def _resolve(self, template: Mapping[str, Any]) -> Stack:
        where = surroundings(self._endpoints, port=self._port)
        stack = resolve_stack(template, root=self.template.parent, surroundings=where)
        functions = {
            name: with_environment(function, emulator=where.emulator)
            for name, function in stack.functions.items()
        }
        return replace(stack, functions=functions)


def _ceiling() -> int | None:
    """CGRAPH_ENVIRONMENTS: how many environments a function may have at once."""
    text = os.environ.get("CGRAPH_ENVIRONMENTS", "")
    if text and not (text.isdigit() and int(text) > 0):
        raise ValueError(f"CGRAPH_ENVIRONMENTS must be a number above 0, not {text!r}")
    return int(text) if text else None
