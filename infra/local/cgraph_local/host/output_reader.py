"""Reads the standard output and error of an execution environment, line by line."""

import asyncio
import os
from collections.abc import Callable

MAX_LINE_BYTES = 1 << 18
READ_BYTES = 1 << 16


class OutputReader:
    def __init__(self, descriptor: int, *, on_line: Callable[[bytes], None]) -> None:
        self._descriptor = descriptor
        self._on_line = on_line
        self._rest = b""
        os.set_blocking(descriptor, False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(descriptor, self.drain)

    def drain(self) -> None:
        """Reads all output that is available now. An environment flushes its output before it
        sends a result, so the lines of an invocation are complete once its result has arrived.
        """
        while self._descriptor >= 0:
            try:
                data = os.read(self._descriptor, READ_BYTES)
            except BlockingIOError:
                return
            if not data:
                self.close()
                return
            *lines, self._rest = (self._rest + data).split(b"\n")
            for line in lines:
                self._on_line(line)
            if len(self._rest) > MAX_LINE_BYTES:
                self._flush()
            if len(data) < READ_BYTES:
                return  # asking for more costs as much again

    def close(self) -> None:
        if self._descriptor < 0:
            return
        self._loop.remove_reader(self._descriptor)
        os.close(self._descriptor)
        self._descriptor = -1
        self._flush()

    def _flush(self) -> None:
        rest, self._rest = self._rest, b""
        if rest:
            self._on_line(rest)
