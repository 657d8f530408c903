"""`cgraph chat`, from the log-in to the exit."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from cgraph_client.client import Client
from cgraph_client.core.errors import ApiError, CGraphError, Unauthenticated, Unreachable
from cgraph_client.models.users import User
from cgraph_client.terminal.change_handler import ChangeHandler
from cgraph_client.terminal.commands.command import CommandContext
from cgraph_client.terminal.commands.command_loop import CommandLoop
from cgraph_client.terminal.connection_notice import ConnectionNotice
from cgraph_client.terminal.conversation_view import ConversationView
from cgraph_client.terminal.inbox import Inbox
from cgraph_client.terminal.screens.detection import new_screen
from cgraph_client.terminal.screens.screen import Screen


async def chat(
    base_url: str,
    name: str | None,
    password: str | None,
    conversation: str | None = None,
    *,
    token: str | None = None,
    screen: Screen | None = None,
    ask_code: Callable[[], str] | None = None,
) -> int:
    """Runs until the end of the input and returns the exit status.

    `name`: a username or an e-mail address. `conversation`: an id, a title or a username, opened at
    the start. `token`: an API token, in place of name and password. `ask_code` is called where the
    account has a second factor.
    """
    try:
        async with Client(base_url, device="cgraph chat", token=token) as client:
            user = await _log_in(client, name, password, ask_code) if name else await client.me()
            inbox = Inbox(user)
            return await _run(client, inbox, screen or new_screen(), conversation)
    except Unreachable as error:
        message = f"{base_url} does not answer. Is it running? `make run` starts it.\n({error})"
    except ApiError as error:
        message = f"{error.message} ({error.code})"
    except CGraphError as error:
        message = f"The server and this client do not understand each other: {error}"
    print(message, file=sys.stderr)
    return 1


async def _log_in(
    client: Client, name: str, password: str | None, ask_code: Callable[[], str] | None
) -> User:
    assert password is not None, "a log-in with a name has a password"
    try:
        return await client.log_in(name, password=password)
    except Unauthenticated as error:
        if error.code != "second_factor_required" or ask_code is None:
            raise
    code = await asyncio.to_thread(ask_code)
    return await client.log_in(name, password=password, code=code)


async def _run(client: Client, inbox: Inbox, screen: Screen, conversation: str | None) -> int:
    notice = ConnectionNotice(screen, reason=lambda: connection.last_error)
    connection = client.connect(on_state=notice.set_state)
    async with connection:
        view = ConversationView(client, connection=connection, inbox=inbox, screen=screen)
        handler = ChangeHandler(client, connection=connection, view=view, screen=screen)
        try:
            async with view.activity:
                await handler.load_conversations()
                commands = CommandLoop(CommandContext(client, connection, view, screen))
                is_all_sent = await _run_beside(commands.run(first=conversation), handler.run())
        finally:
            view.status_line.close()
            notice.close()
    return 0 if is_all_sent else 1


async def _run_beside(
    main: Coroutine[Any, Any, bool], background: Coroutine[Any, Any, None]
) -> bool:
    """Returns the result of `main`, and cancels `background` then. Raises the error of either."""
    main_task, background_task = asyncio.create_task(main), asyncio.create_task(background)
    tasks: list[asyncio.Task[Any]] = [main_task, background_task]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        return await main_task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
