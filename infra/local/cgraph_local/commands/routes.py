"""`cgraph routes`"""

import argparse

from cgraph_local.cloud.template_parameters import local_stack_context
from cgraph_local.core.endpoints import Endpoints
from cgraph_local.core.home import CHECKOUT, Home
from cgraph_local.template import Stack
from cgraph_local.template.stack_reader import read_stack


def main(_: argparse.Namespace) -> int:
    """Reads the template only, so the local cloud need not run."""
    context = local_stack_context(Endpoints(), port=0)
    cache = Home.from_environment().template_cache
    for line in lines(read_stack(CHECKOUT / "template.yaml", context=context, cache=cache)):
        print(line)
    return 0


def lines(stack: Stack) -> list[str]:
    """One line for each route, queue, bucket and schedule, with its function and handler."""
    rows: list[tuple[str, str, str]] = []
    for route in stack.http_api.routes if stack.http_api else ():
        rows.append((route.method, route.path, route.function))
    rows.sort(key=lambda row: (row[1], row[0]))
    for socket in stack.socket_api.routes if stack.socket_api else ():
        rows.append(("socket", socket.key, socket.function))
    rows += [("queue", trigger.queue, trigger.function) for trigger in stack.queue_triggers]
    rows += [("bucket", trigger.bucket, trigger.function) for trigger in stack.bucket_triggers]
    rows += [("timer", schedule.expression, schedule.function) for schedule in stack.schedules]
    return [
        f"{kind:<7} {source:<36} {name:<22} {stack.functions[name].handler}"
        for kind, source, name in rows
    ]
