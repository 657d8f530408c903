"""Runs what reads a hostile file in a process of its own, with limits of memory and time.

A library that a file makes endless, greedy or crash then fails this file, and not the worker: the
file is refused, where the job would be delivered again until it is a dead letter.
"""

import ctypes
import os
import pickle
import resource
import select
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from cgraph.core.log import logger
from cgraph.media.processing.refusal import FileRefused

MEMORY_BYTES = 1000 * 1024**2
"""Beyond what the worker has. ProcessUploads has 2,048 MB: a test measures the largest inputs."""
SECONDS = 60.0
PARENT_DIED_SIGNAL = 1
"""Of prctl(2)."""

Result = TypeVar("Result")


def run_isolated(
    work: Callable[[], Result], *, memory: int = MEMORY_BYTES, seconds: float = SECONDS
) -> Result:
    """What `work` returns, which must be picklable. Raises FileRefused: as `work` does, or because
    it ended without an answer.
    """
    return start_isolated(work, memory=memory, seconds=seconds)()


def start_isolated(
    work: Callable[[], Result], *, memory: int = MEMORY_BYTES, seconds: float = SECONDS
) -> Callable[[], Result]:
    """Begins; what is returned waits for the result of `work`, as `run_isolated` has it. It may be
    called in another thread, and must be called.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work_and_exit(work, writing, memory=memory, seconds=seconds)
    os.close(writing)
    return partial(_result, child, reading, seconds=seconds)


def _result(child: int, reading: int, *, seconds: float) -> Any:
    """Raises FileRefused."""
    try:
        answer = _read_until(reading, deadline=time.monotonic() + seconds)
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if not answer:
        logger.warning("file_not_processed", extra={"status": status})
        raise FileRefused("not_readable")
    result = pickle.loads(answer)  # noqa: S301 # of our own process
    if isinstance(result, FileRefused):
        raise result
    assert not isinstance(result, BaseException), "only refusals are passed on"
    return result


def _read_until(pipe: int, *, deadline: float) -> bytes:
    """All that is written until the other end is closed; nothing where that takes too long."""
    answer = bytearray()
    while True:
        remaining = deadline - time.monotonic()
        if remaining <= 0 or not select.select([pipe], [], [], remaining)[0]:
            return b""
        block = os.read(pipe, 65536)
        if not block:
            return bytes(answer)
        answer += block


def _work_and_exit(work: Callable[[], object], pipe: int, *, memory: int, seconds: float) -> None:
    """Never returns: nothing of the worker is cleaned up twice."""
    status = 1
    try:
        _limit(memory=memory, seconds=seconds)
        try:
            result: object = work()
        except FileRefused as refusal:
            result = refusal
        with os.fdopen(pipe, "wb") as writer:
            pickle.dump(result, writer)
        status = 0
    except BaseException as error:
        print(f"processing failed: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(status)


def _limit(*, memory: int, seconds: float) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DIED_SIGNAL, signal.SIGKILL)
    most = _address_space() + memory
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    cpu = int(seconds * 4)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _address_space() -> int:
    """Of this process, in bytes; a guess where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as numbers:  # noqa: PTH123
            return int(numbers.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 1024**3
