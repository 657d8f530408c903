"""Commands about the messages of the open conversation, by their numbers."""

from __future__ import annotations

from collections.abc import Sequence

from cgraph_client.core.emoji import named_emoji, to_emoji
from cgraph_client.models.messages import Message
from cgraph_client.terminal.commands.command import Command, CommandContext, UsageError
from cgraph_client.terminal.formatting import format_time, sanitize, truncate

AROUND_LIMIT = 11
LIST_LIMIT = 50


async def edit(context: CommandContext, content: str) -> None:
    message = await context.last_own_message()
    if content:
        queue = context.view.send_queue
        queue.do(queue.outbox.edit(message, content), participle="edited")
    else:
        context.screen.prefill(f"/edit {message.content}")


async def delete(context: CommandContext, number: str) -> None:
    message = await (context.message(number) if number else context.last_own_message())
    queue = context.view.send_queue
    queue.do(queue.outbox.delete(message), participle="deleted")


async def reply(context: CommandContext, arguments: str) -> None:
    number, _, content = arguments.partition(" ")
    message = await context.message(number)
    if not content.strip():
        raise UsageError("What do you reply? /reply N TEXT")
    context.view.send(content.strip(), reply_to=message.id)


async def react(context: CommandContext, arguments: str) -> None:
    number, _, text = arguments.partition(" ")
    message, text = await context.message(number), text.strip()
    if not text:
        raise UsageError("With which emoji? /react N EMOJI, or its name: /react N thumbsup")
    emoji = named_emoji(text) or to_emoji(text)
    queue = context.view.send_queue
    added = emoji not in message.my_reactions
    queue.do(queue.outbox.react(message, emoji, added=added), participle="reacted")


async def pin(context: CommandContext, number: str) -> None:
    message = await context.message(number)
    if message.pinned_at is None:
        await context.client.pin(message.id)
    else:
        await context.client.unpin(message.id)


async def list_pins(context: CommandContext, _: str) -> None:
    pins = await context.client.pins(context.open_conversation())
    empty = "Nothing is pinned here: /pin N pins a message."
    await _show_messages(context, pins, empty=empty)


async def show_around(context: CommandContext, number: str) -> None:
    if not number.isdecimal():
        raise UsageError("Around which message? /around N")
    conversation_id = context.open_conversation()
    messages = await context.client.history(conversation_id, around=int(number), limit=AROUND_LIMIT)
    await _show_messages(context, messages, empty="There are no messages.")


async def list_replies(context: CommandContext, number: str) -> None:
    message = await context.message(number)
    page = await context.client.replies(message.id, limit=LIST_LIMIT)
    await _show_messages(context, page.items, empty="Nobody has replied.")


async def list_reactions(context: CommandContext, arguments: str) -> None:
    """With each emoji the first users who reacted with it."""
    message = await context.message(arguments)
    for emoji in message.reactions:
        page = await context.client.reactions(message.id, emoji, limit=LIST_LIMIT)
        names = ", ".join(each.user.username for each in page.items)
        more = " …" if page.next is not None else ""
        context.screen.show(sanitize(f"  {emoji}  {names}{more}"))
    if not message.reactions:
        context.screen.show("Nobody has reacted.")


async def list_versions(context: CommandContext, number: str) -> None:
    message = await context.message(number)
    versions = (await context.client.versions(message.id, limit=LIST_LIMIT)).items
    for version in reversed(versions):
        until = format_time(version.edited_at)
        context.screen.show(f"  until {until}  {truncate(version.content, width=60)}")
    if not versions:
        context.screen.show("The message has not been edited.")


async def _show_messages(
    context: CommandContext, messages: Sequence[Message], *, empty: str
) -> None:
    """Also those of authors who have left."""
    view, screen = context.view, context.screen
    for author_id in {message.author_id for message in messages}:
        if not view.inbox.knows(author_id):
            view.inbox.remember(await context.client.user_by_id(author_id))
    for message in messages:
        screen.show(screen.formatter.message(message, username_of=view.inbox.username_of))
    if not messages:
        screen.show(empty)


COMMANDS = (
    Command("/reply", "N TEXT", "replies to message N", reply),
    Command(
        "/react",
        "N EMOJI",
        "adds a reaction to message N, an emoji or its name; again removes it",
        react,
    ),
    Command("/edit", "[TEXT]", "edits your last message", edit),
    Command("/delete", "[N]", "deletes your last message, or message N", delete),
    Command("/pin", "N", "pins message N; again unpins it", pin),
    Command("/pins", "", "lists the pinned messages", list_pins),
    Command("/around", "N", "shows the messages around number N", show_around),
    Command("/replies", "N", "lists the replies to message N", list_replies),
    Command("/reactions", "N", "lists who reacted to message N", list_reactions),
    Command("/versions", "N", "lists what message N contained before its edits", list_versions),
)
