from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from cgraph.moderation.cases.models import ReportCase
from cgraph.moderation.reports.models import Report
from tests.feature.moderated_forum import ModeratedForum, resolve_report, start_forum
from tests.feature.world import Person, World


async def test_a_second_report_of_the_same_person_changes_nothing(
    forum: ModeratedForum, ada: Person, eve: Person
) -> None:
    post = await forum.post(ada, title="Buy now")
    first = await forum.report(eve, post, note="again!")
    assert first.status == 201
    assert Report.model_validate(first.body).model_dump(mode="json") == first.body
    assert first.body["target"] == {"kind": "post", "id": post}

    again = await asyncio.gather(
        *(forum.report(eve, post, reason="hate", many=True) for _ in range(4))
    )
    for answer in again:
        assert (answer.status, answer.body) == (200, first.body)
        assert answer.headers["idempotent-replayed"] == "true"
    (case,) = await forum.cases()
    assert ReportCase.model_validate(case).model_dump(mode="json") == case
    assert (case["report_count"], case["reasons"]) == (1, {"spam": 1})
    assert case["notes"] == ["again!"]
    assert case["target"]["title"] == "Buy now"
    assert case["target"]["author"]["id"] == ada.id


async def test_simultaneous_reports_of_one_comment_are_one_case(
    forum: ModeratedForum, world: World, ada: Person
) -> None:
    post = await forum.post(ada)
    comment = await forum.comment(ada, under=post)
    people = [await world.new_person() for _ in range(5)]
    answers = await asyncio.gather(
        *(forum.report(person, comment, kind="comment", many=True) for person in people)
    )
    assert [answer.status for answer in answers] == [201] * 5
    (case,) = await forum.cases()
    assert (case["report_count"], case["priority"]) == (5, 500)
    assert (case["target"]["kind"], case["target"]["post_id"]) == ("comment", post)


async def test_reports_of_people_whose_reports_were_upheld_weigh_more(
    forum: ModeratedForum, world: World, eve: Person, grace: Person
) -> None:
    right, wrong = await world.new_person("right"), await world.new_person("wrong")
    for person, action in ((right, "remove"), (wrong, "dismiss")):
        for _ in range(2):
            await forum.report(person, await forum.post(eve))
            (case,) = await forum.cases()
            await resolve_report(grace, case, action)

    bad, fine = await forum.post(eve), await forum.post(eve)
    await forum.report(wrong, fine)
    await forum.report(right, bad)
    cases = await forum.cases()
    assert [case["target"]["id"] for case in cases] == [bad, fine]
    assert [case["priority"] for case in cases] == [150, 50]


@pytest.mark.parametrize("shadow", [True, False])
async def test_reports_of_banned_users_weigh_nothing(
    forum: ModeratedForum, world: World, grace: Person, eve: Person, shadow: bool
) -> None:
    banned = await world.new_person()
    await forum.call(grace, "ban_user", {"shadow": shadow}, user_id=banned.id)
    post = await forum.post(eve)
    assert (await forum.report(banned, post)).status == 201
    assert [case["priority"] for case in await forum.cases()] == [0]
    assert (await forum.report(await world.new_person(), post)).status == 201
    assert [case["priority"] for case in await forum.cases()] == [100]


async def test_only_readers_can_report_and_only_what_others_wrote(
    forum: ModeratedForum, world: World, eve: Person
) -> None:
    stranger = await world.new_person()
    hidden = await start_forum(forum.owner, forum.moderator, eve, visibility="private")
    private = await hidden.post(eve)
    withheld = await forum.post(eve, withheld="shadow_ban")

    for post in (private, withheld, str(uuid4())):
        assert (await forum.report(stranger, post)).refusal == (404, "post_not_found")
    no_comment = await forum.report(stranger, private, kind="comment")
    assert no_comment.refusal == (404, "comment_not_found")
    assert (await forum.report(forum.moderator, withheld)).status == 201
    mine = await forum.post(stranger)
    assert (await forum.report(stranger, mine)).refusal == (422, "invalid_report")
    await forum.moderator.call("remove_post", id=mine)
    assert (await forum.report(eve, mine)).refusal == (409, "post_deleted")


async def test_an_invalid_report_opens_no_case(
    forum: ModeratedForum, ada: Person, eve: Person
) -> None:
    post = await forum.post(ada)
    for wrong in (
        {"reason": "filter"},
        {"kind": "user"},
        {"note": "x" * 1001},
        {"note": "a\0b"},
    ):
        assert (await forum.report(eve, post, **wrong)).refusal == (422, "validation_failed")
    assert await forum.cases() == []
