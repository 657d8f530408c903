"""Follows changes of code, template and SQL while the local cloud runs."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from cgraph_local.template import Function

STEP_MS = 200
"""How often a watcher wakes up to see whether a change is complete, also while nothing changes."""


class Reloadable(Protocol):
    functions: Mapping[str, Function]
    template: Path
    sql: Sequence[Path]

    def reload_code(self, changed: list[Path]) -> None: ...

    async def reload_template(self) -> None: ...

    async def reload_sql(self) -> None: ...


async def follow_changes(cloud: Reloadable) -> None:
    """For as long as it is awaited."""
    async with asyncio.TaskGroup() as together:
        together.create_task(_follow_code(cloud))
        together.create_task(_follow_template(cloud))
        together.create_task(_follow_sql(cloud))


async def _follow_code(cloud: Reloadable) -> None:
    from watchfiles import PythonFilter, awatch

    async for changes in awatch(
        *code_folders(cloud.functions), watch_filter=PythonFilter(), step=STEP_MS
    ):
        cloud.reload_code(sorted({Path(path) for _, path in changes}))


async def _follow_template(cloud: Reloadable) -> None:
    """Its folder is watched, not the file: editors put a new file in the place of the old one."""
    from watchfiles import awatch

    def is_template(_: object, path: str) -> bool:
        return Path(path) == cloud.template

    async for _ in awatch(
        cloud.template.parent, watch_filter=is_template, recursive=False, step=STEP_MS
    ):
        await cloud.reload_template()


async def _follow_sql(cloud: Reloadable) -> None:
    from watchfiles import awatch

    def is_sql(_: object, path: str) -> bool:
        return Path(path).suffix in (".sql", ".txt")

    async for _ in awatch(*cloud.sql, watch_filter=is_sql, step=STEP_MS):
        await cloud.reload_sql()


def changed_functions(changed: Iterable[Path], *, functions: Mapping[str, Function]) -> set[str]:
    """A handler's own file is that function's; any other file may be anybody's."""
    handlers: dict[Path, set[str]] = {}
    for name, function in functions.items():
        handlers.setdefault(_file_of(function), set()).add(name)
    names: set[str] = set()
    for path in changed:
        if path not in handlers:
            return set(functions)
        names |= handlers[path]
    return names


def code_folders(functions: Mapping[str, Function]) -> set[Path]:
    folders = {function.code for function in functions.values()}
    return folders.union(*(function.layers for function in functions.values()))


def _file_of(function: Function) -> Path:
    module = function.handler.replace("/", ".").rpartition(".")[0]
    return function.code.joinpath(*module.split(".")).with_suffix(".py")
