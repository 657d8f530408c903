from __future__ import annotations

from typing import Any

from cgraph.moderation.cases.models import ReportCase, ReportCaseDetail
from tests.feature.moderated_forum import ModeratedForum, resolve_report
from tests.feature.world import Person, World


async def show(person: Person, case: Any) -> Any:
    answer = await person.call("show_report", id=case["id"])
    assert answer.status == 200, answer
    assert ReportCaseDetail.model_validate(answer.body).model_dump(mode="json") == answer.body
    return answer.body


async def test_a_case_keeps_what_was_reported_after_the_author_edits_and_deletes_it(
    forum: ModeratedForum, world: World, grace: Person, eve: Person
) -> None:
    reporter, other = await world.new_person(), await world.new_person()
    post = await forum.post(eve, title="Spam")
    await forum.report(reporter, post)
    await eve.call("edit_post", {"version": 1, "title": "Harmless"}, id=post)
    (case,) = await forum.cases()
    assert ReportCase.model_validate(case).model_dump(mode="json") == case
    assert (case["target"]["title"], case["reported"]["title"]) == ("Harmless", "Spam")
    assert [each["title"] for each in (await show(grace, case))["evidence"]] == ["Spam"]

    await eve.call("edit_post", {"version": 2, "title": "Spam again"}, id=post)
    assert (await forum.report(other, post)).status == 201
    await eve.call("edit_post", {"version": 3, "title": "And again"}, id=post)
    assert (await forum.report(reporter, post)).status == 200
    await eve.call("delete_post", id=post)
    shown = await show(grace, case)
    versions = [(each["version"], each["title"]) for each in shown["evidence"]]
    assert versions == [(4, "And again"), (3, "Spam again"), (1, "Spam")]
    assert shown["evidence"][0]["body"] == "The body"
    assert (shown["target"]["title"], shown["reported"]["title"]) == (None, "And again")


async def test_the_evidence_of_a_comment_is_deleted_90_days_after_the_decision(
    forum: ModeratedForum, world: World, grace: Person, eve: Person
) -> None:
    comment = await forum.comment(eve, under=await forum.post(eve))
    await forum.report(await world.new_person(), comment, kind="comment")
    await eve.call("delete_comment", id=comment)
    (case,) = await forum.cases()
    for days, count in ((89, 1), (91, 0)):
        await resolve_report(grace, case, "dismiss")
        await world.sql(
            "UPDATE report_evidence SET resolved_at = now() - make_interval(days => %s)"
            " WHERE case_id = %s",
            days,
            case["id"],
        )
        await world.work_off("schedules.expire_nonces")
        shown = await show(grace, case)
        assert [each["body"] for each in shown["evidence"]] == ["A word"] * count
    assert shown["reported"] is None


async def test_the_evidence_of_an_open_case_stays(
    forum: ModeratedForum, world: World, grace: Person, case: Any
) -> None:
    await world.sql(
        "UPDATE report_evidence SET reported_at = '2020-01-01' WHERE case_id = %s", case["id"]
    )
    await world.work_off("schedules.expire_nonces")
    assert len((await show(grace, case))["evidence"]) == 1


async def test_only_moderators_read_what_was_reported(world: World, eve: Person, case: Any) -> None:
    for person in (eve, await world.new_person()):
        refused = await person.call("show_report", id=case["id"])
        assert refused.refusal == (403, "not_allowed")
    missing = await eve.call("show_report", id=eve.id)
    assert missing.refusal == (404, "report_not_found")
