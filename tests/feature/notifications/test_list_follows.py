from __future__ import annotations

from tests.feature.forum import new_forum
from tests.feature.notifications.inbox import follow
from tests.feature.world import Person


async def test_follows_come_in_pages_with_what_is_muted(ada: Person, grace: Person) -> None:
    forum = await new_forum(ada)
    group = await ada.converse(grace, kind="group")
    assert (await grace.call("mute_conversation", id=group)).status == 200
    await follow(grace, "forum", forum.id, "mentions")
    await follow(grace, "user", ada.id)
    answer = await grace.call(
        "put_follow", {"level": "everything"}, kind="tag", id=forum.id, query="tag=tea"
    )
    assert answer.body["tag"] == "tea"
    first = await grace.call("list_follows", query="limit=3")
    rest = await grace.call("list_follows", query=f"limit=3&cursor={first.body['next']}")
    items = [*first.body["items"], *rest.body["items"]]
    assert rest.body["next"] is None
    assert [(item["kind"], item["id"], item["level"]) for item in items] == [
        ("conversation", group, "nothing"),
        ("forum", forum.id, "mentions"),
        ("tag", forum.id, "everything"),
        ("user", ada.id, "everything"),
    ]
    only = await grace.call("list_follows", query="kind=user")
    assert only.body["items"] == items[-1:]


async def test_what_may_not_be_read_any_more_is_not_listed(ada: Person, grace: Person) -> None:
    forum = await new_forum(ada)
    await follow(grace, "forum", forum.id)
    assert (await forum.change(ada, visibility="private")).status == 200
    assert (await grace.call("list_follows")).body["items"] == []
