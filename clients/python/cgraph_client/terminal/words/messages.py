"""Words about the messages of the open conversation, by the numbers before them."""

from __future__ import annotations

from cgraph_client.terminal.words.word import Desk, Misspoken, Word


async def edit(desk: Desk, rest: str) -> None:
    message = await desk.own_last()
    if rest:
        desk.room.speech.undertake(desk.room.speech.outbox.edit(message, rest), what="edited")
    else:
        desk.screen.offer(f"/edit {message.content}")


async def delete(desk: Desk, rest: str) -> None:
    message = await desk.message(rest) if rest else await desk.own_last()
    desk.room.speech.undertake(desk.room.speech.outbox.delete(message), what="deleted")


async def reply(desk: Desk, rest: str) -> None:
    number, _, content = rest.partition(" ")
    message = await desk.message(number)
    if not content.strip():
        raise Misspoken("What do you reply? /reply N TEXT")
    desk.room.say(content.strip(), reply_to=message.id)


async def react(desk: Desk, rest: str) -> None:
    number, _, emoji = rest.partition(" ")
    message, emoji = await desk.message(number), emoji.strip()
    if not emoji:
        raise Misspoken("With what? /react N EMOJI")
    added = emoji not in message.my_reactions
    work = desk.room.speech.outbox.react(message, emoji, added=added)
    desk.room.speech.undertake(work, what="reacted")


async def pin(desk: Desk, rest: str) -> None:
    message = await desk.message(rest)
    if message.pinned_at is None:
        await desk.client.pin(message.id)
    else:
        await desk.client.unpin(message.id)


async def list_pins(desk: Desk, _: str) -> None:
    pins = await desk.client.pins(desk.where())
    for message in pins:
        shown = desk.screen.paint.message(message, name_of=desk.room.inbox.name_of)
        desk.screen.show(shown)
    if not pins:
        desk.screen.show("Nothing is pinned here: /pin N pins a message.")


WORDS = (
    Word("/reply", "N TEXT", "answers message N", reply),
    Word("/react", "N EMOJI", "reacts to message N; the same again takes it back", react),
    Word("/edit", "[TEXT]", "changes what you said last", edit),
    Word("/delete", "[N]", "deletes what you said last, or message N", delete),
    Word("/pin", "N", "pins message N; again unpins it", pin),
    Word("/pins", "", "what is pinned", list_pins),
)
