"""`cgraph dlq list|redrive [QUEUE]`"""

import argparse
import asyncio
import json
import sys

from cgraph_local.core.home import Home
from cgraph_local.core.running_cloud import RunningCloud
from cgraph_local.triggers.dead_letter_queues import DeadLetters, Letter, find_dead_letters
from cgraph_local.triggers.sqs import Sqs

SHOWN_CHARACTERS = 300


def main(arguments: argparse.Namespace) -> int:
    port = RunningCloud(Home.from_environment()).service_port("emulator")
    return asyncio.run(
        _main(f"http://127.0.0.1:{port}", action=arguments.action, wanted=arguments.queue)
    )


async def _main(emulator: str, *, action: str, wanted: str | None) -> int:
    sqs = Sqs(emulator)
    try:
        found = await find_dead_letters(sqs)
        chosen = [one for one in found if wanted in (None, one.name, one.source)]
        if wanted is not None and not chosen:
            names = ", ".join(one.name for one in found) or "none"
            print(f"{wanted} has no dead letters; queues of them: {names}", file=sys.stderr)
            return 1
        for one in chosen:
            await (_list(one, sqs=sqs) if action == "list" else _redrive(one, sqs=sqs))
        return 0
    finally:
        await sqs.close()


async def _list(one: DeadLetters, *, sqs: Sqs) -> None:
    letters = await one.read(sqs)
    print(f"{one.name} (of {one.source}): {len(letters)}")
    for letter in letters:
        print(f"  {letter.id}  received {letter.receives} times  {_shown(letter)}")


async def _redrive(one: DeadLetters, *, sqs: Sqs) -> None:
    count = await one.redrive(sqs)
    print(f"{one.name}: {count} back in {one.source}")


def _shown(letter: Letter) -> str:
    """One line, whatever is in it."""
    body = json.dumps(letter.body, ensure_ascii=False)[1:-1]
    return body if len(body) <= SHOWN_CHARACTERS else f"{body[:SHOWN_CHARACTERS]}…"
