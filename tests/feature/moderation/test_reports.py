from __future__ import annotations

import asyncio
from uuid import uuid4

from cgraph.moderation.cases.models import Case
from cgraph.moderation.reports.models import Report
from tests.feature.moderation.ground import Ground, forum
from tests.feature.world import Person, World


async def test_reported_once_a_person(ground: Ground, ada: Person, eve: Person) -> None:
    post = await ground.post(ada, title="Buy now")
    first = await ground.report(eve, post, note="again!")
    assert first.status == 201
    assert Report.model_validate(first.body).model_dump(mode="json") == first.body
    assert first.body["target"] == {"kind": "post", "id": post}

    again = await asyncio.gather(
        *(ground.report(eve, post, reason="hate", many=True) for _ in range(4))
    )
    for answer in again:
        assert (answer.status, answer.body) == (200, first.body)
        assert answer.headers["idempotent-replayed"] == "true"
    (case,) = await ground.cases()
    assert Case.model_validate(case).model_dump(mode="json") == case
    assert (case["report_count"], case["reasons"]) == (1, {"spam": 1})
    assert case["notes"] == ["again!"]
    assert case["target"]["title"] == "Buy now"
    assert case["target"]["author"]["id"] == ada.id


async def test_one_case_of_many_at_once(ground: Ground, world: World, ada: Person) -> None:
    post = await ground.post(ada)
    comment = await ground.comment(ada, under=post)
    people = [await world.new_person() for _ in range(5)]
    answers = await asyncio.gather(
        *(ground.report(person, comment, kind="comment", many=True) for person in people)
    )
    assert [answer.status for answer in answers] == [201] * 5
    (case,) = await ground.cases()
    assert (case["report_count"], case["priority"]) == (5, 500)
    assert (case["target"]["kind"], case["target"]["post_id"]) == ("comment", post)


async def test_whose_reports_were_right_weigh_more(
    ground: Ground, world: World, ada: Person, grace: Person
) -> None:
    right, wrong = await world.new_person("right"), await world.new_person("wrong")
    for person, action in ((right, "remove"), (wrong, "dismiss")):
        for _ in range(2):
            await ground.report(person, await ground.post(ada))
            (case,) = await ground.cases()
            resolved = {"action": action}
            await grace.call("resolve_report", resolved, id=case["id"])

    bad, fine = await ground.post(ada), await ground.post(ada)
    await ground.report(wrong, fine)
    await ground.report(right, bad)
    cases = await ground.cases()
    assert [case["target"]["id"] for case in cases] == [bad, fine]
    assert [case["priority"] for case in cases] == [150, 50]


async def test_only_by_whoever_may_read_it(ground: Ground, world: World, eve: Person) -> None:
    stranger = await world.new_person()
    hidden = await forum(world, ground.owner, ground.moderator, eve, visibility="private")
    private = await hidden.post(eve)
    shadowed = await ground.post(eve, shadowed=True)

    for post in (private, shadowed, str(uuid4())):
        assert (await ground.report(stranger, post)).refusal == (404, "post_not_found")
    no_comment = await ground.report(stranger, private, kind="comment")
    assert no_comment.refusal == (404, "comment_not_found")
    assert (await ground.report(ground.moderator, shadowed)).status == 201
    mine = await ground.post(stranger)
    assert (await ground.report(stranger, mine)).refusal == (422, "invalid_report")
    await ground.moderator.call("remove_post", id=mine)
    assert (await ground.report(eve, mine)).refusal == (409, "post_deleted")


async def test_bad_reports(ground: Ground, ada: Person, eve: Person) -> None:
    post = await ground.post(ada)
    for wrong in (
        {"reason": "filter"},
        {"kind": "user"},
        {"note": "x" * 1001},
        {"note": "a\0b"},
    ):
        assert (await ground.report(eve, post, **wrong)).refusal == (422, "validation_failed")
    assert await ground.cases() == []


async def test_the_queue_in_pages(ground: Ground, world: World, ada: Person, eve: Person) -> None:
    posts = [await ground.post(ada) for _ in range(5)]
    for post in posts:
        await ground.report(eve, post)
    await ground.report(await world.new_person(), posts[3])

    seen, cursor = [], ""
    while True:
        page = await ground.call(ada, "list_forum_reports", query=f"limit=2{cursor}")
        seen += [case["target"]["id"] for case in page.body["items"]]
        if page.body["next"] is None:
            break
        cursor = f"&cursor={page.body['next']}"
    assert seen == [posts[3], *posts[:3], posts[4]]
    for query in ("cursor=x", cursor[1:] + "&state=claimed"):
        bad = await ground.call(ada, "list_forum_reports", query=query)
        assert bad.refusal == (400, "invalid_cursor")
    bad = await ground.call(ada, "list_forum_reports", query="state=lost")
    assert bad.refusal == (422, "validation_failed")


async def test_the_queue_of_ones_forums(ground: Ground, world: World, grace: Person) -> None:
    author, reader = await world.new_person(), await world.new_person()
    other = await forum(world, grace, await world.new_person(), author)
    foreign = await forum(world, author, await world.new_person(), reader)
    for each in (ground, other, foreign):
        await each.report(reader, await each.post(author))

    cases = (await grace.call("list_reports")).body["items"]
    assert {case["forum"]["slug"] for case in cases} == {ground.slug, other.slug}
    page = (await grace.call("list_reports", query="limit=1")).body
    rest = await grace.call("list_reports", query=f"cursor={page['next']}")
    assert [case["id"] for case in page["items"] + rest.body["items"]] == [c["id"] for c in cases]
    assert (await reader.call("list_reports")).body == {"items": [], "next": None}
    refused = await ground.call(reader, "list_forum_reports")
    assert refused.refusal == (403, "not_allowed")
