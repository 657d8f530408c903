"""`cgraph routes`"""

import argparse

from cgraph_local.home import CHECKOUT
from cgraph_local.template import Stack, Surroundings
from cgraph_local.template.read import read_stack


def main(_: argparse.Namespace) -> int:
    """Needs nothing that runs: the template says it."""
    nowhere = Surroundings(
        gateway="http://127.0.0.1",
        emulator="http://127.0.0.1",
        parameters={"DatabaseHost": "127.0.0.1", "CacheHost": "127.0.0.1", "StageName": "local"},
    )
    for line in lines(read_stack(CHECKOUT / "template.yaml", surroundings=nowhere)):
        print(line)
    return 0


def lines(stack: Stack) -> list[str]:
    rows: list[tuple[str, str, str]] = []
    for http in stack.http_api.routes if stack.http_api else ():
        rows.append((http.method, http.path, http.function))
    rows.sort(key=lambda row: (row[1], row[0]))
    for socket in stack.socket_api.routes if stack.socket_api else ():
        rows.append(("socket", socket.key, socket.function))
    rows += [("queue", one.queue, one.function) for one in stack.queue_triggers]
    rows += [("bucket", one.bucket, one.function) for one in stack.bucket_triggers]
    rows += [("timer", one.expression, one.function) for one in stack.schedules]
    return [
        f"{kind:<7} {what:<36} {name:<22} {stack.functions[name].handler}"
        for kind, what, name in rows
    ]
