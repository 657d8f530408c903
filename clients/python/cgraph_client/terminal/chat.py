"""`cgraph chat`: from the log-in to the last line."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

from cgraph_client.api import Client
from cgraph_client.errors import ApiError, CGraphError, Unreachable
from cgraph_client.lifeline import State
from cgraph_client.outbox import Outbox
from cgraph_client.terminal.inbox import Inbox
from cgraph_client.terminal.room import Room
from cgraph_client.terminal.screen import Screen, new_screen
from cgraph_client.terminal.words import Words


async def chat(
    base_url: str,
    name: str,
    password: str,
    conversation: str | None = None,
    *,
    screen: Screen | None = None,
) -> int:
    """Talks until the input ends; the exit status. `conversation`: an id, a title or a username."""
    try:
        async with Client(base_url) as client:
            inbox = Inbox(await client.log_in(name, password=password))
            return await _converse(client, inbox, screen or new_screen(), conversation)
    except Unreachable as error:
        trouble = f"{base_url} does not answer. Is it running? `make run` starts it.\n({error})"
    except ApiError as error:
        trouble = f"{error.message} ({error.code})"
    except CGraphError as error:
        trouble = f"The server and this client do not understand each other: {error}"
    print(trouble, file=sys.stderr)
    return 1


async def _converse(client: Client, inbox: Inbox, screen: Screen, conversation: str | None) -> int:
    def show_state(state: State) -> None:
        if state is State.RECONNECTING:
            screen.set_status(f"reconnecting… ({changes.trouble})")
        elif state is State.CONNECTED:
            screen.set_status("")

    changes = client.subscribe(on_state=show_state)
    outbox = Outbox(client, over=changes)
    async with changes:
        room = Room(client, inbox=inbox, outbox=outbox, screen=screen)
        await room.load()
        words = Words(room, screen=screen)
        is_all_sent = await _beside(
            words.obey_all(first=conversation), room.follow(changes), room.keep_marked()
        )
    return 0 if is_all_sent else 1


async def _beside(main: Coroutine[Any, Any, bool], *endless: Coroutine[Any, Any, None]) -> bool:
    """What `main` returns; an error of the endless ones ends it too."""
    ending = asyncio.create_task(main)
    tasks: list[asyncio.Task[Any]] = [ending, *map(asyncio.create_task, endless)]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        return await ending
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
