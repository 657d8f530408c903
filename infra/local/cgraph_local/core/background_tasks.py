"""Tasks that run in the background of the code that started them."""

import asyncio
from collections.abc import Callable, Coroutine


class BackgroundTasks:
    """Keeps a reference to each task until it ends, and prints the error of one that fails."""

    def __init__(self, print_line: Callable[[str], None]) -> None:
        self._print_line = print_line
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[None, None, None], *, name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)

    async def wait(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def cancel(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self.wait()

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._print_line(f"{task.get_name()} stopped: {type(error).__name__}: {error}")
