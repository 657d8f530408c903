"""`cgraph routes`"""

import argparse

from cgraph_local.cloud.template_parameters import surroundings
from cgraph_local.core.home import CHECKOUT
from cgraph_local.services import Endpoints
from cgraph_local.template import Stack
from cgraph_local.template.stack_reader import read_stack


def main(_: argparse.Namespace) -> int:
    """Needs nothing that runs: the template says it."""
    nowhere = surroundings(Endpoints(postgres_port=0, valkey_port=0, emulator_port=0), port=0)
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
