"""`cgraph chat`: from the log-in to the last line."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from cgraph_client.api import Client
from cgraph_client.errors import ApiError, CGraphError, Unauthenticated, Unreachable
from cgraph_client.lifeline import State
from cgraph_client.models import User
from cgraph_client.terminal.inbox import Inbox
from cgraph_client.terminal.room import Room
from cgraph_client.terminal.screen import Screen, new_screen
from cgraph_client.terminal.words import Words
from cgraph_client.terminal.words.word import Desk

PATIENCE_SECONDS = 2.0  # a socket that is replaced sooner was never missed


async def chat(
    base_url: str,
    name: str,
    password: str,
    conversation: str | None = None,
    *,
    screen: Screen | None = None,
    ask_code: Callable[[], str] | None = None,
) -> int:
    """Talks until the input ends; the exit status. `conversation`: an id, a title or a username.
    `ask_code`: where the account has a second factor."""
    try:
        async with Client(base_url, device="cgraph chat") as client:
            inbox = Inbox(await _log_in(client, name, password, ask_code))
            return await _converse(client, inbox, screen or new_screen(), conversation)
    except Unreachable as error:
        trouble = f"{base_url} does not answer. Is it running? `make run` starts it.\n({error})"
    except ApiError as error:
        trouble = f"{error.message} ({error.code})"
    except CGraphError as error:
        trouble = f"The server and this client do not understand each other: {error}"
    print(trouble, file=sys.stderr)
    return 1


async def _log_in(
    client: Client, name: str, password: str, ask_code: Callable[[], str] | None
) -> User:
    try:
        return await client.log_in(name, password=password)
    except Unauthenticated as error:
        if error.code != "code_required" or ask_code is None:
            raise
    code = await asyncio.to_thread(ask_code)
    return await client.log_in(name, password=password, code=code)


class Seam:
    """Shows that the connection is away, unless it is back before anybody would have noticed."""

    def __init__(self, screen: Screen, *, why: Callable[[], str]) -> None:
        self._screen = screen
        self._why = why
        self._later: asyncio.TimerHandle | None = None

    def take(self, state: State) -> None:
        self.close()
        if state is State.RECONNECTING:
            loop = asyncio.get_running_loop()
            self._later = loop.call_later(PATIENCE_SECONDS, self._show)
        elif state is State.CONNECTED:
            self._screen.set_status("")

    def close(self) -> None:
        if self._later is not None:
            self._later.cancel()

    def _show(self) -> None:
        self._screen.set_status(f"reconnecting… ({self._why()})")


async def _converse(client: Client, inbox: Inbox, screen: Screen, conversation: str | None) -> int:
    seam = Seam(screen, why=lambda: changes.trouble)
    changes = client.subscribe(on_state=seam.take)
    async with changes:
        room = Room(client, changes=changes, inbox=inbox, screen=screen)
        try:
            async with room.signals:
                await room.load()
                words = Words(Desk(client, changes, room, screen))
                is_all_sent = await _beside(words.obey_all(first=conversation), room.follow())
        finally:
            room.aside.close()
            seam.close()
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
