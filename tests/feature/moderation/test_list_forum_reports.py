from __future__ import annotations

from tests.feature.moderated_forum import ModeratedForum, resolve_report
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
