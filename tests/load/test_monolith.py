"""The monolith of the bench is the same service: it answers as our functions do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.load.monolith.identity import Identity
from tests.load.routes import COMPARED, Population, populate
from tests.load.servers import Server, both
from tests.load.session import start

Scene = tuple[Population, Server, Server]
READS = [route for route in COMPARED if route.body is None]
WRITES = [route for route in COMPARED if route.body is not None]


@pytest.fixture
def scene(only_in_full: None, served: Callable[[], Scene]) -> Scene:
    return served()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Scene]]:
    """Starts both servers when a test calls it first."""
    with ExitStack() as stack:
        yield cache(lambda: stack.enter_context(_running(tmp_path_factory.mktemp("bench"))))


@contextmanager
def _running(folder: Path) -> Iterator[Scene]:
    for each in (folder, *folder.parents[:2]):
        each.chmod(0o711)  # Postgres runs as another user if the test runs as root
    system, _ = start(folder / "home")
    try:
        population = populate(system, people=24, messages=100, posts=40)
        with both(system) as (ours, monolith):
            yield population, ours, monolith
    finally:
        system.stop()


def _call(server: Server, population: Population, number: int, *, port: int = 0) -> httpx.Response:
    """The first request of a route of COMPARED, as the bench sends it."""
    route = COMPARED[number]
    request = population.requests(route, connections=1, token=server.token)[0][0]
    body = request.body.replace("{number}", str(number)) if request.body else None
    headers = {"authorization": f"Bearer {request.token}", "content-type": "application/json"}
    url = f"http://127.0.0.1:{server.ports[port]}{request.path}"
    return httpx.request(request.method, url, headers=headers, content=body, trust_env=False)


@pytest.mark.parametrize("route", READS, ids=lambda route: route.function)
def test_it_answers_a_read_with_the_same_document(scene: Scene, route: Any) -> None:
    population, ours, monolith = scene
    number = COMPARED.index(route)
    expected = _call(ours, population, number)
    assert expected.status_code == 200 and len(expected.content) > 100, expected.text
    for port in range(len(monolith.ports)):
        answer = _call(monolith, population, number, port=port)
        assert (answer.status_code, answer.json()) == (200, expected.json())


@pytest.mark.parametrize("route", WRITES, ids=lambda route: route.function)
def test_it_takes_the_nonce_of_a_write_of_ours(scene: Scene, route: Any) -> None:
    population, ours, monolith = scene
    number = COMPARED.index(route)
    expected = _call(ours, population, number)
    answer = _call(monolith, population, number)
    assert expected.status_code == answer.status_code == 201
    assert answer.json()["id"] == expected.json()["id"]
    assert answer.json().keys() == expected.json().keys()


def test_it_refuses_a_token_that_it_has_not_signed(
    scene: Scene,
) -> None:
    population, _, monolith = scene
    token = Identity("another secret " * 4).token(population.people[0].id)
    answer = httpx.get(
        f"http://127.0.0.1:{monolith.ports[0]}/me",
        headers={"authorization": f"Bearer {token}"},
        trust_env=False,
    )
    assert answer.status_code == 401, json.dumps(answer.json())
