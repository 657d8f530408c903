"""What all tests share: `--full`, the running system, and what the tests counted."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import AsyncIterator, Callable

import pytest

from tests import shares
from tests.system import LocalSystem, System

FULL_SECONDS = 3600
DESCRIPTORS = 10_000
"""For thousands of sockets; macOS gives 256 unless asked."""
COUNTED = "counted"
"""What a report carries, also from another process to the one that tells."""

Report = Callable[..., None]
Size = Callable[[int, int], int]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full",
        action="store_true",
        help="run each proof with its full numbers, not the fast ones",
    )


def pytest_configure(config: pytest.Config) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: shares.place(item.nodeid.partition("::")[0]))
    if config.getoption("--full"):
        for item in items:
            item.add_marker(pytest.mark.timeout(FULL_SECONDS))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> shares.Shares:
    return shares.Shares(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = [
        str(value)
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, value in report.user_properties
        if name == COUNTED
    ]
    if lines:
        terminalreporter.section("what the tests counted")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture
def only_in_full(request: pytest.FixtureRequest) -> None:
    """For what takes too long for `make test`, and is proven there by a neighbour in part."""
    if not request.config.getoption("--full"):
        pytest.skip("`make proofs` runs it")


@pytest.fixture
def size(request: pytest.FixtureRequest) -> Size:
    """How many: the first number usually, the second with `--full`."""
    full = request.config.getoption("--full")
    return lambda usual, all: all if full else usual


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """Takes what was counted; shown at the end, whether or not the test passed."""
    began = time.monotonic()

    def take(title: str, **counted: object) -> None:
        seconds = f"{time.monotonic() - began:.1f} s"
        numbers = ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in counted.items())
        request.node.user_properties.append((COUNTED, f"{title}: {numbers} ({seconds})"))

    return take


@pytest.fixture(scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """Without limits a person, so that a proof may be as quick as the machine. CGRAPH_URL names a
    deployed stack instead (whose limits must be off too)."""
    url = os.environ.get("CGRAPH_URL")
    if url:
        deployed = System(url)
        yield deployed
        await deployed.close()
        return
    running = LocalSystem.start(tmp_path_factory.mktemp("system"), CGRAPH_RATE_LIMITS="off")
    yield running
    await running.close()
    running.stop()


@pytest.fixture
def local(system: System) -> LocalSystem:
    """The same system where the test breaks or looks into what only the local cloud lets it."""
    if not isinstance(system, LocalSystem):
        pytest.skip("faults are injected into the local cloud; CGRAPH_URL names a deployed stack")
    return system


@pytest.fixture(scope="session")
async def limited(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalSystem]:
    """Another local cloud, as `make run` starts it: every limit in force."""
    running = LocalSystem.start(tmp_path_factory.mktemp("limited"))
    yield running
    await running.close()
    running.stop()
