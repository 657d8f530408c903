"""What is measured: our local cloud, and the monolith beside it on the same Postgres."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.load.monolith.running import running_monolith
from tests.load.usage import Process, measured, processes, service_processes
from tests.person import Person
from tests.system import LocalSystem

CGRAPH, MONOLITH = "CGraph", "monolith"


@dataclass(frozen=True, slots=True)
class Server:
    """`ports`: over which clients are to be spread. `token`: that of a user. `processes`: all that
    take part in answering a request.
    """

    name: str
    ports: list[int]
    token: Callable[[Person], str]
    processes: Callable[[], list[Process]]


@contextmanager
def both(system: LocalSystem) -> Iterator[tuple[Server, Server]]:
    """Ours and the monolith, as long as the block runs."""
    with running_monolith(system.endpoints.conninfo) as monolith:

        def running() -> list[Process]:
            postgres = service_processes(system, "postgres")
            return measured({**postgres, **dict.fromkeys(monolith.pids, MONOLITH)})

        yield (
            cgraph(system),
            Server(
                MONOLITH,
                monolith.ports,
                lambda person: monolith.identity.token(person.id),
                running,
            ),
        )


def cgraph(system: LocalSystem) -> Server:
    return Server(
        CGRAPH, [system.port], lambda person: person.access_token, lambda: processes(system)
    )
