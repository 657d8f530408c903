"""A user's notes: a direct conversation with themselves."""

from __future__ import annotations

from tests.feature.conversation import Conversation
from tests.feature.world import Answer, Person


async def start_notes(person: Person) -> Answer:
    draft = {"kind": "direct", "members": [person.username.upper()]}
    return await person.call("start_conversation", draft)


async def test_notes_exist_once_and_apart_from_other_direct_conversations(
    ada: Person, grace: Person
) -> None:
    other = await ada.converse(grace)
    first, again = await start_notes(ada), await start_notes(ada)

    assert (first.status, again.status) == (201, 200)
    assert first.body["id"] == again.body["id"] != other
    assert (first.body["member_count"], first.body["kind"]) == (1, "direct")
    assert [member["id"] for member in first.body["members"]] == [ada.id]
    assert (await start_notes(grace)).body["id"] != first.body["id"]


async def test_everything_that_a_direct_conversation_can_works_in_notes(ada: Person) -> None:
    notes = Conversation(ada.world, (await start_notes(ada)).body["id"])
    note = await ada.send(notes.id, "tea")
    reply = await ada.send(notes.id, "and milk", reply_to=note["id"])
    assert (await notes.edit(ada, note, "green tea")).status == 200
    assert (await notes.react(ada, note, "👍")).status == 200
    assert (await notes.pin(ada, note)).status == 200
    assert [pin["id"] for pin in (await notes.list_pins(ada)).body["items"]] == [note["id"]]
    assert (await notes.delete(ada, reply)).status == 200

    shown = await notes.show(ada)
    assert (shown["unread_count"], shown["last_message"]["id"]) == (0, note["id"])
    marked = await ada.call("mark_unread", id=notes.id)
    assert marked.body["marked_unread"]
    assert (await ada.call("mute_conversation", {}, id=notes.id)).status == 200


async def test_nobody_is_added_to_notes_and_nobody_leaves_them(ada: Person, grace: Person) -> None:
    notes = Conversation(ada.world, (await start_notes(ada)).body["id"])

    assert (await notes.put_member(ada, grace)).refusal == (403, "not_allowed")
    assert (await notes.remove_member(ada, ada)).refusal == (422, "invalid_members")
    assert (await grace.call("show_conversation", id=notes.id)).status == 404
