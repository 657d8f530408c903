"""Services that are started once for the tests of a file."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from cgraph_local.core.home import Home
from cgraph_local.core.progress import Progress
from cgraph_local.services import Endpoints, Services
from tests.prepared_home import copy_home_of_services


@pytest_asyncio.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A copy of one in which the services were started once."""
    return await copy_home_of_services(tmp_path_factory.mktemp("services") / "home")


@pytest_asyncio.fixture(scope="module")
async def services(home: Home) -> AsyncIterator[Services]:
    async for each in _started(home, Services(home)):
        yield each


@pytest_asyncio.fixture(scope="module")
async def emulator(home: Home) -> AsyncIterator[Services]:
    """The emulator of SQS and S3 alone."""
    async for each in _started(home, Services(home, only=["emulator"])):
        yield each


@pytest.fixture
def endpoints(services: Services) -> Endpoints:
    return services.endpoints()


async def _started(home: Home, services: Services) -> AsyncIterator[Services]:
    with home.lock():
        await services.start(Progress(stream=None))
        yield services
        await services.stop()
