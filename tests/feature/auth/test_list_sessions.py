from __future__ import annotations

from cgraph.accounts.auth.sessions.models import Session
from tests.feature.account import another_session
from tests.feature.world import Person, World


async def test_sessions_are_listed_newest_first_with_their_device(
    world: World, ada: Person
) -> None:
    phone = await another_session(world, ada, device="Phone")
    answer = await phone.call("list_sessions")

    assert (answer.status, answer.body["next"]) == (200, None)
    newest, oldest = answer.body["items"]
    assert newest.keys() == {"id", "device", "created_at", "last_used_at", "current"}
    assert [newest["device"], newest["current"], oldest["current"]] == ["Phone", True, False]
    assert newest["created_at"] == newest["last_used_at"] >= oldest["created_at"]
    seen_by_ada = (await ada.call("list_sessions")).body["items"]
    assert [session["current"] for session in seen_by_ada] == [False, True]


async def test_a_refresh_updates_last_used_at_and_adds_no_session(
    world: World, ada: Person
) -> None:
    await world.sql(
        "UPDATE sessions SET created_at = created_at - interval '1 day', last_used_at = created_at"
        " - interval '1 day' WHERE user_id = %s",
        ada.id,
    )
    (before,) = (await ada.call("list_sessions")).body["items"]
    pair = await world.call("refresh_session", {"refresh_token": ada.refresh_token})
    ada.access_token = pair.body["access_token"]
    (after,) = (await ada.call("list_sessions")).body["items"]

    assert (after["id"], after["created_at"]) == (before["id"], before["created_at"])
    assert after["last_used_at"] > before["last_used_at"]


async def test_only_live_sessions_of_the_caller_are_listed(
    world: World, ada: Person, eve: Person
) -> None:
    ended, expired = [await another_session(world, ada, device=name) for name in ("E", "X")]
    await ended.call("log_out")
    await world.sql(
        "UPDATE sessions SET expires_at = now() WHERE user_id = %s AND device = 'X'", ada.id
    )

    assert len((await ada.call("list_sessions")).body["items"]) == 1
    assert len((await eve.call("list_sessions")).body["items"]) == 1
    assert (await ended.call("list_sessions")).refusal == (401, "invalid_token")
    assert expired.id == ada.id


async def test_sessions_are_listed_in_pages(world: World, ada: Person, eve: Person) -> None:
    for name in "BCDE":
        await another_session(world, ada, device=name)
    first = (await ada.call("list_sessions", query="limit=3")).body
    rest = (await ada.call("list_sessions", query=f"limit=3&cursor={first['next']}")).body

    devices = [session["device"] for session in first["items"] + rest["items"]]
    assert (devices[:4], rest["next"]) == (["E", "D", "C", "B"], None)
    assert len(devices) == 5
    for query in (f"cursor={first['next']}x", "cursor=", "cursor=%00", "cursor=abcdefgh"):
        answer = await ada.call("list_sessions", query=query)
        assert answer.refusal == (400, "invalid_cursor"), query
    foreign = await eve.call("list_sessions", query=f"cursor={first['next']}")
    assert foreign.refusal == (400, "invalid_cursor")
    for query in ("limit=0", "limit=101", "limit=x"):
        answer = await ada.call("list_sessions", query=query)
        assert answer.refusal == (422, "validation_failed")


async def test_a_listed_session_is_what_the_model_describes(ada: Person) -> None:
    """Nothing validates the JSON that Postgres writes."""
    (item,) = (await ada.call("list_sessions")).body["items"]

    assert Session.model_validate(item).model_dump(mode="json") == item
