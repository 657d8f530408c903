"""The local cloud: services, Lambda host, triggers and gateway, started and stopped together."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from cgraph_local.cloud import search
from cgraph_local.cloud.function_environment import with_environment
from cgraph_local.cloud.media import LocalMedia
from cgraph_local.cloud.readiness import wait_ready
from cgraph_local.cloud.template_parameters import local_stack_context, media_bucket
from cgraph_local.core.function_logs import FunctionLogs
from cgraph_local.core.home import CHECKOUT, Home
from cgraph_local.core.progress import Progress
from cgraph_local.core.running_cloud import RunningCloud
from cgraph_local.core.sent_mails import sent_mails
from cgraph_local.demo.accounts import create_demo_data
from cgraph_local.gateway import Gateway, GatewayOptions, GatewayServer
from cgraph_local.host import LambdaHost
from cgraph_local.migrations import MIGRATIONS, SCHEMA, describe, migrate_home, reload_home
from cgraph_local.reload import changed_functions
from cgraph_local.services import Endpoints, ServiceFailed, Services
from cgraph_local.services.ports import hold_port
from cgraph_local.services.services import USUAL
from cgraph_local.template import Function, Stack
from cgraph_local.template.stack_reader import resolve_stack
from cgraph_local.template.translate import translate
from cgraph_local.triggers import Triggers

DOCUMENTS = CHECKOUT / "docs" / "api"


class LocalCloud:
    """Parts that do not depend on each other start concurrently; all stop in reverse order."""

    template = CHECKOUT / "template.yaml"
    sql: Sequence[Path] = (MIGRATIONS, SCHEMA)

    def __init__(self, home: Home, *, port: int, progress: Progress) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self._home = home
        self._port = port
        self._held = hold_port(port)
        self._progress = progress
        self._exit_stack = AsyncExitStack()
        self._logs = FunctionLogs(home.logs)
        self._services = Services(
            home, only=_service_names(), other_opensearch=search.other_opensearch(os.environ)
        )
        self._host = LambdaHost(
            {},
            log=self._logs,
            max_environments=_number("CGRAPH_ENVIRONMENTS"),
            kept=_number("CGRAPH_KEPT_ENVIRONMENTS"),
        )
        self._media = LocalMedia(home)
        self._endpoints: Endpoints
        self._gateway: Gateway
        self._triggers: Triggers
        self.functions: Mapping[str, Function] = {}

    async def start(self) -> None:
        self._exit_stack.callback(self._logs.close)
        self._exit_stack.push_async_callback(self._services.stop)
        self._exit_stack.push_async_callback(self._host.stop)
        async with asyncio.TaskGroup() as task_group:
            task_group.create_task(self._start_services())
            task_group.create_task(self._start_host())
            translation = task_group.create_task(asyncio.to_thread(self._translate))
        stack = self._resolve(translation.result())
        self.functions = stack.functions
        self._host.apply(stack.functions)
        await self._start_triggers(stack)
        self._exit_stack.push_async_callback(self._media.stop)
        await self._media.start(self._endpoints)
        await self._start_gateway(stack)
        with self._progress.step("health check"):
            await wait_ready(self.address)
        with self._progress.step("demo accounts"):
            await asyncio.to_thread(create_demo_data, RunningCloud(self._home))

    async def stop(self) -> None:
        """Stops the gateway first, then the triggers, the Lambda host and the services. Events in
        progress end before that.
        """
        await self._exit_stack.aclose()

    def kill_functions(self) -> None:
        """Ends the events in progress at once, so that `stop` does not wait for them."""
        self._host.kill_all_environments()

    async def wait_failed(self) -> ServiceFailed:
        """Returns when a service has failed for good."""
        return await self._services.wait_failed()

    def reload_code(self, changed: list[Path]) -> None:
        """Functions run the changed code from their next event on."""
        names = changed_functions(changed, functions=self.functions)
        self._host.reload(names)
        files = ", ".join(str(path.relative_to(CHECKOUT)) for path in changed[:3])
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        functions = ", ".join(sorted(names)) if len(names) < 4 else f"{len(names)} functions"
        self._progress.print(f"{files}{more} changed; from the next event on: {functions}")

    async def reload_template(self) -> None:
        """Applies a changed template. One that cannot be read is reported; the old one stays."""
        try:
            stack = self._resolve(await asyncio.to_thread(self._translate))
        except Exception as error:  # a template that is being edited may fail in any way
            self._progress.print(f"template.yaml changed, but the old one stays in use.\n{error}")
            return
        self.functions = stack.functions
        self._host.apply(stack.functions)
        self._gateway.apply(stack)
        await self._triggers.apply(stack)
        self._progress.print(f"template.yaml changed: {len(stack.functions)} functions in use")

    async def reload_sql(self) -> None:
        """Applies changed migrations and schema files, or reports why it cannot."""
        lines = await asyncio.to_thread(reload_home, self._home, endpoints=self._endpoints)
        for line in lines:
            self._progress.print(line)

    async def _start_services(self) -> None:
        self._endpoints = await self._services.start(self._progress)
        with self._progress.step("migrations"):
            migrated = await asyncio.to_thread(migrate_home, self._home, endpoints=self._endpoints)
        for line in describe(migrated):
            self._progress.print(line)

    async def _start_host(self) -> None:
        with self._progress.step("Lambda host"):
            await self._host.start()

    async def _start_triggers(self, stack: Stack) -> None:
        self._triggers = Triggers(
            stack,
            host=self._host,
            endpoints=self._endpoints,
            print_line=self._progress.print,
        )
        self._exit_stack.push_async_callback(self._triggers.stop)
        with self._progress.step("queues and schedules"):
            await self._triggers.start()

    async def _start_gateway(self, stack: Stack) -> None:
        options = GatewayOptions.from_environment(os.environ, documents=DOCUMENTS)
        self._gateway = Gateway(
            stack,
            host=self._host,
            options=options,
            credentials=self._endpoints.credentials,
            mails=lambda: sent_mails(self._endpoints),
        )
        server = GatewayServer(self._gateway, port=self._port)
        self._held.close()
        await server.start()
        self._exit_stack.push_async_callback(server.stop)

    def _translate(self) -> dict[str, Any]:
        return translate(self.template, cache=self._home.template_cache)

    def _resolve(self, template: Mapping[str, Any]) -> Stack:
        context = local_stack_context(self._endpoints, port=self._port, media=self._media.outputs)
        stack = resolve_stack(template, root=self.template.parent, context=context)
        functions = {
            name: with_environment(function, endpoints=self._endpoints)
            for name, function in stack.functions.items()
        }
        return replace(stack, functions=functions, buckets={**stack.buckets, **media_bucket(stack)})


def _service_names() -> Sequence[str]:
    """CGRAPH_REPLICA=1: with a replica of Postgres."""
    replica = ("replica",) if os.environ.get("CGRAPH_REPLICA") == "1" else ()
    return (*USUAL, *replica, *search.services(os.environ))


def _number(variable: str) -> int | None:
    """CGRAPH_ENVIRONMENTS: how many execution environments a function may have at once.
    CGRAPH_KEPT_ENVIRONMENTS: how many all have together as long as one is idle.
    """
    text = os.environ.get(variable, "")
    if text and not (text.isdigit() and int(text) > 0):
        raise ValueError(f"{variable} must be a number above 0, not {text!r}")
    return int(text) if text else None
