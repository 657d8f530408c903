from __future__ import annotations

import pytest

from tests.feature.world import Person, World


async def test_a_profile_field_that_is_left_out_stays(ada: Person) -> None:
    await ada.call("change_me", {"bio": "Counts."})
    answer = await ada.call("change_me", {"display_name": "Ada 🦉"})

    assert answer.status == 200
    assert (answer.body["display_name"], answer.body["bio"]) == ("Ada 🦉", "Counts.")
    assert (await ada.call("show_me")).body == {**answer.body, "karma": 0}


async def test_devices_of_the_user_get_the_changed_profile(world: World, ada: Person) -> None:
    socket = await ada.open_socket()
    await socket.say("hello")
    changed = (await ada.call("change_me", {"bio": "Counts."})).body

    (event,) = socket.received()
    assert (event["stream"], event["seq"]) == (f"user:{ada.id}", 1)
    assert (event["event"], event["data"]) == ("user.updated", {"user": changed})
    caught_up = await ada.call("sync_streams", {"cursors": {f"user:{ada.id}": 0}})
    assert caught_up.body["streams"][f"user:{ada.id}"]["events"] == [event]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("display_name", ""),
        ("display_name", "  "),
        ("display_name", "x" * 65),
        ("display_name", "nul\0"),
        ("bio", "x" * 501),
        ("bio", 1),
    ],
)
async def test_an_invalid_profile_field_is_refused_and_named(
    ada: Person, field: str, value: object
) -> None:
    answer = await ada.call("change_me", {field: value})

    assert answer.refusal == (422, "validation_failed")
    assert [error["field"] for error in answer.body["errors"]] == [field]


async def test_half_a_surrogate_pair_in_a_profile_is_refused(ada: Person) -> None:
    answer = await ada.call("change_me", '{"bio": "\\ud83d"}')

    assert answer.refusal == (422, "validation_failed")


async def test_the_id_and_the_e_mail_address_cannot_be_changed(ada: Person, grace: Person) -> None:
    before = (await ada.call("show_me")).body
    stolen = {"id": grace.id, "email": grace.email}

    assert (await ada.call("change_me", stolen)).refusal == (422, "unknown_field")
    assert (await ada.call("show_me")).body == before
