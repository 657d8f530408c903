"""Starts and stops the monolith, beside a local cloud and on its Postgres."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from cgraph_local.core.home import CHECKOUT
from cgraph_local.services.ports import free_port
from tests.load.monolith.app import Worker
from tests.load.monolith.identity import Identity

WORKERS = 2
START_SECONDS = 30.0
STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Monolith:
    """`ports`: of its workers, over which clients are to be spread."""

    ports: list[int]
    pids: list[int]
    identity: Identity


@contextmanager
def running_monolith(conninfo: str) -> Iterator[Monolith]:
    """`conninfo`: of the functions' role, so that Postgres has the same settings for both."""
    with tempfile.TemporaryDirectory(prefix="cgraph-monolith-") as folder:
        workers = _workers(conninfo, Path(folder))
        processes: list[subprocess.Popen[bytes]] = []
        try:
            processes += [_start(worker) for worker in workers]
            for worker in workers:
                _wait_ready(worker, processes)
            ports, pids = [each.port for each in workers], [each.pid for each in processes]
            yield Monolith(ports, pids, Identity(workers[0].secret))
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                _wait_ended(process)


def _workers(conninfo: str, folder: Path) -> list[Worker]:
    secret, paths = secrets.token_hex(32), [str(folder / str(each)) for each in range(WORKERS)]
    return [
        Worker(free_port(), conninfo, secret, path, [each for each in paths if each != path])
        for path in paths
    ]


def _start(worker: Worker) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.load.monolith.serve"], cwd=CHECKOUT, stdin=subprocess.PIPE
    )
    assert process.stdin is not None, "it is a pipe"
    process.stdin.write(json.dumps(asdict(worker)).encode())
    process.stdin.close()
    return process


def _wait_ready(worker: Worker, processes: list[subprocess.Popen[bytes]]) -> None:
    limit = time.monotonic() + START_SECONDS
    with httpx.Client(trust_env=False) as client:
        while True:
            with suppress(httpx.TransportError):
                response = client.get(f"http://127.0.0.1:{worker.port}/ready")
                if response.is_success:
                    return
            if time.monotonic() > limit or any(each.poll() is not None for each in processes):
                raise RuntimeError("a worker of the monolith did not become ready; see above")
            time.sleep(0.05)


def _wait_ended(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
