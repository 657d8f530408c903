"""`cgraph dlq list|redrive [QUEUE]`"""

import argparse
import asyncio
import json
import sys

from cgraph_local.core.endpoints import Endpoints
from cgraph_local.core.home import Home
from cgraph_local.core.running_cloud import RunningCloud
from cgraph_local.triggers.dead_letter_queues import (
    DeadLetter,
    DeadLetterQueue,
    find_dead_letter_queues,
)
from cgraph_local.triggers.sqs import SqsClient

MAX_BODY_CHARACTERS = 300


def main(arguments: argparse.Namespace) -> int:
    endpoints = RunningCloud(Home.from_environment()).endpoints("emulator")
    return asyncio.run(_main(endpoints, action=arguments.action, name=arguments.queue))


async def _main(endpoints: Endpoints, *, action: str, name: str | None) -> int:
    """`name`: a dead letter queue or its source; None for all."""
    sqs = SqsClient(endpoints)
    try:
        queues = await find_dead_letter_queues(sqs)
        selected = [queue for queue in queues if name in (None, queue.name, queue.source)]
        if name is not None and not selected:
            names = ", ".join(queue.name for queue in queues) or "none"
            print(f"{name} has no dead letter queue; there are: {names}", file=sys.stderr)
            return 1
        for queue in selected:
            await (_list(queue, sqs=sqs) if action == "list" else _redrive(queue, sqs=sqs))
        return 0
    finally:
        await sqs.close()


async def _list(queue: DeadLetterQueue, *, sqs: SqsClient) -> None:
    letters = await queue.messages(sqs)
    print(f"{queue.name} (of {queue.source}): {len(letters)}")
    for letter in letters:
        print(f"  {letter.id}  received {letter.receive_count} times  {_one_line(letter)}")


async def _redrive(queue: DeadLetterQueue, *, sqs: SqsClient) -> None:
    count = await queue.redrive(sqs)
    print(f"{queue.name}: {count} back in {queue.source}")


def _one_line(letter: DeadLetter) -> str:
    """The body with line breaks escaped, cut after 300 characters."""
    body = json.dumps(letter.body, ensure_ascii=False)[1:-1]
    return body if len(body) <= MAX_BODY_CHARACTERS else f"{body[:MAX_BODY_CHARACTERS]}…"
