"""Commands about the messages of the open conversation, by their numbers."""

from __future__ import annotations

from cgraph_client.core.emoji import named_emoji, to_emoji
from cgraph_client.terminal.commands.command import Command, CommandContext, UsageError


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
    screen, username_of = context.screen, context.view.inbox.username_of
    pins = await context.client.pins(context.open_conversation())
    for message in pins:
        screen.show(screen.formatter.message(message, username_of=username_of))
    if not pins:
        screen.show("Nothing is pinned here: /pin N pins a message.")


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
)
