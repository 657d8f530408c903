"""What a user lets others do."""

from __future__ import annotations

import pytest

from tests.feature.world import Person, World


async def make_contacts(one: Person, other: Person) -> None:
    await one.call("put_contact", user_id=other.id)
    await other.call("put_contact", user_id=one.id)


async def test_what_is_left_out_stays(ada: Person) -> None:
    await ada.call("change_privacy", {"messages_from": "nobody"})
    changed = await ada.call("change_privacy", {"receipts": False, "groups_from": None})

    expected = {"messages_from": "nobody", "groups_from": "everyone", "receipts": False}
    assert changed.body == expected
    assert (await ada.call("show_privacy")).body == expected


async def test_only_contacts_begin_a_conversation(ada: Person, grace: Person) -> None:
    await ada.call("change_privacy", {"messages_from": "contacts"})
    draft = {"kind": "direct", "members": [ada.username]}

    assert (await grace.call("start_conversation", draft)).refusal == (403, "not_reachable")
    await grace.call("put_contact", user_id=ada.id)
    assert (await grace.call("start_conversation", draft)).refusal == (403, "not_reachable")
    await ada.call("put_contact", user_id=grace.id)
    assert (await grace.call("start_conversation", draft)).status == 201


async def test_a_direct_conversation_that_exists_goes_on(ada: Person, grace: Person) -> None:
    draft = {"kind": "direct", "members": [ada.username]}
    started = (await grace.call("start_conversation", draft)).body
    await ada.call("change_privacy", {"messages_from": "nobody"})

    again = await grace.call("start_conversation", draft)
    message = {"conversation_id": started["id"], "content": "still here"}

    assert (again.status, again.body["id"]) == (200, started["id"])
    assert (await grace.call("send_message", message)).status == 201


async def test_the_user_may_begin_with_others(ada: Person, grace: Person) -> None:
    await ada.call("change_privacy", {"messages_from": "nobody", "groups_from": "nobody"})

    for kind in ("direct", "group"):
        draft = {"kind": kind, "members": [grace.username]}
        assert (await ada.call("start_conversation", draft)).status == 201


@pytest.mark.parametrize(("allowed", "status"), [("everyone", 201), ("nobody", 403)])
async def test_others_add_the_user_to_groups_only_where_they_may(
    world: World, ada: Person, grace: Person, allowed: str, status: int
) -> None:
    await ada.call("change_privacy", {"groups_from": allowed})
    own = await grace.call("start_conversation", {"kind": "group", "members": []})
    added = await grace.call("put_member", {}, id=own.body["id"], user_id=ada.id)
    started = await grace.call("start_conversation", {"kind": "group", "members": [ada.username]})

    assert started.status == status
    assert (added.status == 200) == (status == 201)
    if status == 403:
        assert (added.refusal, started.refusal) == ((403, "not_reachable"),) * 2


async def test_contacts_add_the_user_to_groups(ada: Person, grace: Person) -> None:
    await ada.call("change_privacy", {"groups_from": "contacts"})
    await make_contacts(ada, grace)

    started = await grace.call("start_conversation", {"kind": "group", "members": [ada.username]})

    assert started.status == 201


@pytest.mark.parametrize("receipts", [True, False])
async def test_without_receipts_others_do_not_see_what_was_read(
    world: World, ada: Person, grace: Person, receipts: bool
) -> None:
    draft = {"kind": "direct", "members": [ada.username]}
    id = (await grace.call("start_conversation", draft)).body["id"]
    await ada.call("change_privacy", {"receipts": receipts})
    sent = (await grace.call("send_message", {"conversation_id": id, "content": "hi"})).body
    socket = await grace.open_socket()
    await socket.say("hello")
    await socket.say("subscribe", {"streams": [f"conv:{id}"]})
    await ada.call("mark_read", {"seq": sent["seq"]}, id=id)
    flush = {"flush": {"channel": "receipts", "stream": f"conv:{id}"}}
    await world.work_off("workers.maintain_sockets", flush)

    def read_by_ada(conversation: dict[str, object]) -> object:
        members = conversation["members"]
        assert isinstance(members, list)
        return next(each["last_read_seq"] for each in members if each["id"] == ada.id)

    shown = read_by_ada((await grace.call("show_conversation", id=id)).body)
    own = read_by_ada((await ada.call("show_conversation", id=id)).body)
    receipts_seen = [event for event in socket.received() if "receipt" in event["event"]]
    assert (shown, own) == (sent["seq"] if receipts else None, sent["seq"])
    assert bool(receipts_seen) == receipts


@pytest.mark.parametrize(
    "change", [{"messages_from": "friends"}, {"receipts": "yes"}, {"receipts": 1}]
)
async def test_an_invalid_value_is_refused(ada: Person, change: object) -> None:
    assert (await ada.call("change_privacy", change)).refusal == (422, "validation_failed")
