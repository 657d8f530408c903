"""What all tests share: `--full`, the running systems, and the sections after the results."""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol, TypeVar

import pytest
from xdist.workermanage import WorkerController

from tests import budgets, cpu_time, search_engines, shares
from tests.prepared_home import start_prepared
from tests.shared_folder import VARIABLE, new_shared_folder
from tests.system import LocalSystem, System

FULL_SECONDS = 3600
DESCRIPTORS = 10_000
"""For thousands of sockets; macOS gives 256 unless asked."""
COUNTED, REDUCED = "counted", "reduced"
"""Names of what a test report carries to the process that prints the sections."""
ONLY_PROOFS = "`make proofs` runs it"

Number = TypeVar("Number")
_cpu_seconds: dict[str, float] = {}
"""Of each process of xdist, by its name."""


class Report(Protocol):
    def __call__(self, title: str, **counted: object) -> None: ...


class Size(Protocol):
    def __call__(self, usual: Number, full: Number) -> Number: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full",
        action="store_true",
        help="run each proof with its full numbers, not the fast ones",
    )


def pytest_configure(config: pytest.Config) -> None:
    gc.disable()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    # A shell's background job inherits that SIGINT is ignored, and so would what the tests start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Without bytecode, each process would compile our code again, and rewrite all assertions.
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if VARIABLE not in os.environ:  # the processes of xdist inherit it
        stack = ExitStack()
        stack.enter_context(new_shared_folder())
        os.environ[search_engines.OWNER] = str(os.getpid())
        stack.callback(search_engines.stop_shared_node)
        config.add_cleanup(stack.close)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return None if shares.is_collected(collection_path, config) else True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: shares.share_of(shares.path_of(item.nodeid)))
    if config.getoption("--full"):
        for item in items:
            item.add_marker(pytest.mark.timeout(FULL_SECONDS))


def pytest_collection_finish() -> None:
    """What was collected stays to the end, so the garbage collector need not look at it again and
    again, nor while it is made (see `pytest_configure`)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> shares.Shares:
    return shares.Shares(config, log)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process of xdist tells what it has taken; its fixtures have ended."""
    output: dict[str, object] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["cpu_seconds"] = cpu_time.spent()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: WorkerController) -> None:
    output = getattr(node, "workeroutput", {})  # a crashed one has none
    _cpu_seconds[node.gateway.id] = float(output.get("cpu_seconds", 0.0))


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """After the slowest tests."""
    reports = [
        report
        for some in terminalreporter.stats.values()
        for report in some
        if isinstance(report, pytest.TestReport)
    ]
    sections = {
        "what searched": search_engines.noted(),
        "what the tests counted": list(_properties(reports, COUNTED)),
        "only `make proofs` runs": [*_skipped_counts(reports), *_reduced(reports)],
    }
    if terminalreporter.config.getoption("numprocesses", None):  # all of it, as `make test`
        sections["seconds of one process"] = list(budgets.lines(reports))
        sections["what it cost"] = list(cpu_time.lines(_cpu_seconds))
    for title, lines in sections.items():
        if lines:
            terminalreporter.section(title)
            for line in lines:
                terminalreporter.write_line(line)


def _properties(reports: list[pytest.TestReport], wanted: str) -> Iterator[str]:
    for report in reports:
        if report.when == "call":
            yield from (str(value) for name, value in report.user_properties if name == wanted)


def _skipped_counts(reports: list[pytest.TestReport]) -> Iterator[str]:
    skipped = Counter(
        report.nodeid.partition("::")[0]
        for report in reports
        if report.skipped and "`make proofs`" in str(report.longrepr)
    )
    yield from (f"{path}: {number} more" for path, number in sorted(skipped.items()))


def _reduced(reports: list[pytest.TestReport]) -> Iterator[str]:
    reduced = set(_properties(reports, REDUCED))
    if reduced:
        yield f"the full numbers of {len(reduced)} tests, which ran here with smaller ones:"
        yield from sorted(reduced)


@pytest.fixture
def only_in_full(request: pytest.FixtureRequest) -> None:
    """For tests that take too long for `make test`; a neighbour must prove part of it there."""
    if not request.config.getoption("--full"):
        pytest.skip(ONLY_PROOFS)


@pytest.fixture
def size(request: pytest.FixtureRequest) -> Size:
    """Chooses the first value usually, the second with `--full`."""
    is_full = request.config.getoption("--full")
    if not is_full:
        request.node.user_properties.append((REDUCED, request.node.nodeid))

    def choose(usual: Number, full: Number) -> Number:
        return full if is_full else usual

    return choose


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """Takes a title and counts, which are shown at the end whether or not the test passed."""
    began = time.monotonic()

    def take(title: str, **counted: object) -> None:
        seconds = f"{time.monotonic() - began:.1f} s"
        numbers = ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in counted.items())
        request.node.user_properties.append((COUNTED, f"{title}: {numbers} ({seconds})"))

    return take


@pytest.fixture(scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """Without limits on requests, so that a proof may be as quick as the machine. CGRAPH_URL names
    a deployed stack instead (whose limits must be off too)."""
    url = os.environ.get("CGRAPH_URL")
    if url:
        deployed = System(url)
        yield deployed
        await deployed.close()
        return
    folder = tmp_path_factory.mktemp("system") / "home"
    running = start_prepared(folder, CGRAPH_RATE_LIMITS="off")
    yield running
    await running.close()
    running.stop()


@pytest.fixture(scope="session")
def real_opensearch() -> str:
    """Its URL; see tests/search_engines.py."""
    return search_engines.real_opensearch()


@pytest.fixture(scope="session")
def fake_opensearch() -> Iterator[str]:
    """Its URL: quick to start, but not the engine that counts."""
    with search_engines.fake_opensearch() as url:
        yield url


@pytest.fixture
def local(system: System) -> LocalSystem:
    """The same system, for tests that inject faults or read what only the local cloud shows."""
    if not isinstance(system, LocalSystem):
        pytest.skip("faults are injected into the local cloud; CGRAPH_URL names a deployed stack")
    return system


@pytest.fixture
def held_nudges(local: LocalSystem) -> Iterator[None]:
    """For a test that counts what is written, or the statements: consumers write too."""
    with local.held_nudges():
        yield


@pytest.fixture
def resting_consumers(system: System, request: pytest.FixtureRequest) -> Iterator[None]:
    """For a test of what routes answer, in `make test`: consumers that follow each of its calls
    take a third of the CPU time. They go on after it, with all of it at once."""
    if request.config.getoption("--full") or not isinstance(system, LocalSystem):
        yield
        return
    with system.held_nudges(caught_up=False):
        yield


@pytest.fixture(scope="session")
async def rate_limited(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalSystem]:
    """Another local cloud, as `make run` starts it: every limit in force."""
    running = start_prepared(tmp_path_factory.mktemp("rate-limited") / "home")
    yield running
    await running.close()
    running.stop()
