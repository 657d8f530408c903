"""The code images of the functions: one for each set of layers, with the code that these hold now.

An image is a process that has imported the layers, and from which environments are forked. Where
there is none yet, they are forked from the fork server, and import the layers themselves.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterable, Mapping
from pathlib import Path

from cgraph_local.host.fork_control import Fork, ForkControl, ForkServerFailed
from cgraph_local.template import Function

STOP_SECONDS = 5.0

Layers = tuple[Path, ...]


class CodeImages:
    """`control`: gives the fork server's, or raises ForkServerFailed. `on_image` is called with the
    layers of each new image.
    """

    def __init__(
        self,
        control: Callable[[], ForkControl],
        *,
        spawn: Callable[[Coroutine[None, None, None]], None],
        log_line: Callable[[str], None],
        on_image: Callable[[Layers], None] = lambda _: None,
    ) -> None:
        self._on_image = on_image
        self._control = control
        self._spawn = spawn
        self._log_line = log_line
        self._variables: dict[Layers, dict[str, str]] = {}
        self._current: dict[Layers, ForkControl] = {}
        self._outdated: set[ForkControl] = set()
        self._generation = 0

    def apply(self, functions: Iterable[Function]) -> None:
        """New images where the layers of the functions or their common variables have changed."""
        wanted = common_variables(functions)
        if wanted != self._variables:
            self._variables = wanted
            self.renew()

    def renew(self) -> None:
        """The code of layers has changed. Environments of the old images end by themselves."""
        self._generation += 1
        self._outdated.update(self._current.values())
        self._current.clear()
        for layers, variables in self._variables.items():
            self._spawn(self._make(layers, variables, generation=self._generation))

    async def fork(self, function: Function) -> Fork:
        """Raises ForkServerFailed, OSError."""
        paths = [str(function.code), *map(str, function.layers)]
        control = self._current.get(function.layers) or self._control()
        return await control.fork(variables=function.environment, paths=paths)

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
        self._variables.clear()

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

    async def _make(self, layers: Layers, variables: dict[str, str], *, generation: int) -> None:
        try:
            image = await self._control().fork_image(
                variables=variables,
                paths=[str(layer) for layer in layers],
                on_loss=self._forget,
            )
        except (ForkServerFailed, OSError) as error:
            self._log_line(f"environments import the layers themselves: {error}")
            return
        if generation == self._generation:
            self._current[layers] = image
            self._on_image(layers)
        else:
            self._outdated.add(image)

    def _forget(self, lost: ForkControl) -> None:
        """Its process has ended, and its environments with it."""
        self._outdated.discard(lost)
        self._current = {
            layers: image for layers, image in self._current.items() if image is not lost
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


def common_variables(functions: Iterable[Function]) -> dict[Layers, dict[str, str]]:
    """By the layers of functions, the variables that all of these functions have alike."""
    common: dict[Layers, dict[str, str]] = {}
    for function in functions:
        if function.layers:
            before: Mapping[str, str] = common.get(function.layers, function.environment)
            common[function.layers] = dict(before.items() & function.environment.items())
    return common
