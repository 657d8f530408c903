"""The code images of the functions: one for those with the same folders of code.

An image is a process that has imported layers and functions, and from which environments are
forked. Where there is none yet, they are forked from the fork server, and import all themselves. A
function whose own file has changed imports only that again.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from pathlib import Path

from cgraph_local.host.fork_control import Fork, ForkControl, ForkServerFailed
from cgraph_local.host.runtime import handler_module
from cgraph_local.template import Function

STOP_SECONDS = 5.0

Folders = tuple[Path, ...]
"""Of a function: its code, then its layers."""


@dataclass(frozen=True, slots=True)
class Content:
    """What an image imports: modules of functions, with the variables that all of these have."""

    handlers: frozenset[str]
    variables: frozenset[tuple[str, str]]


class CodeImages:
    """`control`: gives the fork server's, or raises ForkServerFailed. `on_image` is called with the
    folders of each new image.
    """

    def __init__(
        self,
        control: Callable[[], ForkControl],
        *,
        spawn: Callable[[Coroutine[None, None, None]], None],
        log_line: Callable[[str], None],
        on_image: Callable[[Folders], None] = lambda _: None,
    ) -> None:
        self._on_image = on_image
        self._control = control
        self._spawn = spawn
        self._log_line = log_line
        self._contents: dict[Folders, Content] = {}
        self._current: dict[Folders, ForkControl] = {}
        self._changed: set[str] = set()
        self._outdated: set[ForkControl] = set()
        self._generation = 0

    def apply(self, functions: Iterable[Function]) -> None:
        """New images where the functions, their folders or common variables have changed."""
        wanted = contents(functions)
        if wanted != self._contents:
            self._contents = wanted
            self.renew()

    def mark_changed(self, functions: Iterable[str]) -> None:
        """Their own files have changed, nothing else."""
        self._changed.update(functions)

    def renew(self) -> None:
        """Any code has changed. Environments of the old images end by themselves."""
        self._generation += 1
        self._outdated.update(self._current.values())
        self._current.clear()
        self._changed.clear()
        for folders, content in self._contents.items():
            self._spawn(self._make(folders, content, generation=self._generation))

    async def fork(self, function: Function) -> Fork:
        """Raises ForkServerFailed, OSError."""
        folders = folders_of(function)
        control = self._current.get(folders) or self._control()
        return await control.fork(
            variables=function.environment,
            paths=[str(folder) for folder in folders],
            reimport=function.name in self._changed,
        )

    def kill(self, pid: int) -> None:
        """Kills an environment, whichever process it was forked from."""
        with contextlib.suppress(ForkServerFailed):
            self._control().kill(pid)
        for image in (*self._current.values(), *self._outdated):
            image.kill(pid)

    def lose(self) -> None:
        """The fork server has ended, and all images with it: `apply` makes new ones."""
        self._current.clear()
        self._outdated.clear()
        self._contents.clear()

    async def close_unused(self) -> None:
        """Those that are outdated and have no environment left."""
        unused = [image for image in self._outdated if not image.has_children]
        self._outdated.difference_update(unused)
        await self._close(unused)

    async def close(self) -> None:
        """All of them. Returns when their processes have ended."""
        images = [*self._current.values(), *self._outdated]
        self.lose()
        await self._close(images)

    async def _make(self, folders: Folders, content: Content, *, generation: int) -> None:
        code, *layers = folders
        try:
            image = await self._control().fork_image(
                variables=dict(content.variables),
                code=code,
                layers=layers,
                handlers=sorted(content.handlers),
                on_loss=self._forget,
            )
        except (ForkServerFailed, OSError) as error:
            self._log_line(f"environments import their code themselves: {error}")
            return
        if generation == self._generation:
            self._current[folders] = image
            self._on_image(folders)
        else:
            self._outdated.add(image)

    def _forget(self, lost: ForkControl) -> None:
        """Its process has ended, and its environments with it."""
        self._outdated.discard(lost)
        self._current = {
            folders: image for folders, image in self._current.items() if image is not lost
        }

    @staticmethod
    async def _close(images: Iterable[ForkControl]) -> None:
        ending = []
        for image in images:
            await image.close()
            if image.exited is not None:
                ending.append(image.exited)
        if ending:
            await asyncio.wait(ending, timeout=STOP_SECONDS)


def folders_of(function: Function) -> Folders:
    return (function.code, *function.layers)


def contents(functions: Iterable[Function]) -> dict[Folders, Content]:
    """Of the images for these functions. Those without a layer have none."""
    found: dict[Folders, Content] = {}
    for function in functions:
        if function.layers:
            variables = frozenset(function.environment.items())
            handlers = frozenset([handler_module(function.handler)])
            before = found.get(folders_of(function), Content(handlers, variables))
            found[folders_of(function)] = Content(
                before.handlers | handlers, before.variables & variables
            )
    return found
