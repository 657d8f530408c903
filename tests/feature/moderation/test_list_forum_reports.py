from __future__ import annotations

import pytest

from tests.feature.moderated_forum import ModeratedForum, make_appeal, resolve_report, start_forum
from tests.feature.world import Person, World


async def test_pages_are_ordered_by_priority_and_age(
    forum: ModeratedForum, world: World, ada: Person, eve: Person
) -> None:
    posts = [await forum.post(ada) for _ in range(5)]
    for post in posts:
        await forum.report(eve, post)
    await forum.report(await world.new_person(), posts[3])

    seen, cursor = [], ""
    while True:
        page = await forum.call(ada, "list_forum_reports", query=f"limit=2{cursor}")
        seen += [case["target"]["id"] for case in page.body["items"]]
        if page.body["next"] is None:
            break
        cursor = f"&cursor={page.body['next']}"
    assert seen == [posts[3], *posts[:3], posts[4]]
    for query in ("cursor=x", cursor[1:] + "&state=claimed"):
        bad = await forum.call(ada, "list_forum_reports", query=query)
        assert bad.refusal == (400, "invalid_cursor")
    bad = await forum.call(ada, "list_forum_reports", query="state=lost")
    assert bad.refusal == (422, "validation_failed")


async def test_resolved_cases_are_listed_newest_decision_first(
    forum: ModeratedForum, ada: Person, grace: Person, eve: Person
) -> None:
    cases = [await forum.new_case(eve) for _ in range(3)]
    for case in cases:
        assert (await resolve_report(grace, case, "dismiss")).status == 200
    page = (await forum.call(ada, "list_forum_reports", query="state=resolved&limit=2")).body
    rest = await forum.call(
        ada, "list_forum_reports", query=f"state=resolved&limit=2&cursor={page['next']}"
    )
    listed = [case["id"] for case in page["items"] + rest.body["items"]]
    assert listed == [case["id"] for case in reversed(cases)]
    assert rest.body["next"] is None


async def test_only_moderators_list_reports(forum: ModeratedForum, world: World) -> None:
    reader = await world.new_person()
    refused = await forum.call(reader, "list_forum_reports")
    assert refused.refusal == (403, "not_allowed")


async def _queue(forum: ModeratedForum, *, by: Person, limit: int) -> list[tuple[str, int]]:
    """Target and priority of all open cases, read in pages."""
    seen: list[tuple[str, int]] = []
    cursor = ""
    while True:
        page = (await forum.call(by, "list_forum_reports", query=f"limit={limit}{cursor}")).body
        seen += [(case["target"]["id"], case["priority"]) for case in page["items"]]
        if page["next"] is None:
            return seen
        cursor = f"&cursor={page['next']}"


@pytest.mark.parametrize("shadow", [True, False])
async def test_reports_from_before_a_ban_weigh_nothing_until_it_is_over(
    forum: ModeratedForum, world: World, ada: Person, grace: Person, shadow: bool
) -> None:
    banned, other = await world.new_person(), await world.new_person()
    first, second, third, fourth = [await forum.post(ada) for _ in range(4)]
    for post in (first, second, fourth):
        assert (await forum.report(banned, post)).status == 201
    for post in (second, third):
        assert (await forum.report(other, post)).status == 201
    before = [(second, 200), (first, 100), (fourth, 100), (third, 100)]
    assert await _queue(forum, by=grace, limit=2) == before

    await forum.call(grace, "ban_user", {"shadow": shadow, "days": 1}, user_id=banned.id)
    during = [(second, 100), (third, 100), (first, 0), (fourth, 0)]
    for limit in (1, 2, 3, 10):
        assert await _queue(forum, by=grace, limit=limit) == during
    case = (await grace.call("list_reports")).body["items"][-1]
    shown = await grace.call("show_report", id=case["id"])
    assert (shown.body["target"]["id"], shown.body["priority"]) == (fourth, 0)

    await world.sql("UPDATE forum_bans SET until = now() WHERE user_id = %s", banned.id)
    assert await _queue(forum, by=grace, limit=3) == before, "the ban is over"
    await forum.call(grace, "ban_user", {"shadow": shadow}, user_id=banned.id)
    await forum.call(grace, "unban_user", user_id=banned.id)
    assert await _queue(forum, by=grace, limit=3) == before, "the ban was lifted"


async def test_a_ban_from_another_forum_does_not_matter(
    forum: ModeratedForum, world: World, ada: Person, grace: Person
) -> None:
    banned = await world.new_person()
    elsewhere = await start_forum(ada, grace, await world.new_person())
    await elsewhere.call(grace, "ban_user", {"shadow": True}, user_id=banned.id)
    post = await forum.post(ada)
    await forum.report(banned, post)
    assert await _queue(forum, by=grace, limit=5) == [(post, 100)]


async def test_claimed_cases_are_ordered_without_reports_of_banned_users(
    forum: ModeratedForum, world: World, ada: Person, grace: Person
) -> None:
    banned = await world.new_person()
    posts = [await forum.post(ada) for _ in range(2)]
    await forum.report(banned, posts[0])
    for post in posts:
        await forum.report(await world.new_person(), post)
    for case in await forum.cases():
        await grace.call("claim_report", id=case["id"])
    claimed = [case["target"]["id"] for case in await forum.cases(state="claimed")]
    assert claimed == posts

    await forum.report(await world.new_person(), posts[1])
    await forum.call(grace, "ban_user", {}, user_id=banned.id)
    claimed = [case["target"]["id"] for case in await forum.cases(state="claimed")]
    assert claimed == [posts[1], posts[0]]
    assert await forum.cases() == []


async def test_a_report_shows_the_votes_of_new_accounts(
    forum: ModeratedForum, world: World, ada: Person, eve: Person
) -> None:
    post = await forum.post(ada)
    comment = await forum.comment(ada, under=post)
    new, old = await world.new_person(), await world.new_person()
    await world.sql("UPDATE users SET created_at = now() - interval '4 d' WHERE id = %s", old.id)
    for voter in (new, old):
        assert (await voter.call("vote_on_post", {"value": 1}, id=post)).status == 200
        assert (await voter.call("vote_on_comment", {"value": -1}, id=comment)).status == 200
    await forum.report(eve, post)
    await forum.report(eve, comment, kind="comment")

    cases = await forum.cases()
    votes = {case["target"]["kind"]: case["target"]["new_account_votes"] for case in cases}
    assert votes == {"post": {"ups": 1, "downs": 0}, "comment": {"ups": 0, "downs": 1}}
    for case in cases:
        shown = (await ada.call("show_report", id=case["id"])).body
        assert shown["target"]["new_account_votes"] == votes[case["target"]["kind"]]


async def test_an_appeal_does_not_show_the_author_the_votes_of_new_accounts(
    forum: ModeratedForum, world: World, grace: Person, eve: Person
) -> None:
    post = await forum.post(eve)
    assert (await grace.call("remove_post", {}, id=post)).status == 200
    appeal = await make_appeal(eve, post, kind="post")
    assert appeal.status == 201
    assert "new_account_votes" not in appeal.body["target"]
