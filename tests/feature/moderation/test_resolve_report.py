from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

from tests.feature.moderated_forum import ModeratedForum, moderation_events, resolve_report
from tests.feature.world import Person, World


async def test_of_simultaneous_decisions_one_is_carried_out(
    forum: ModeratedForum, ada: Person, grace: Person, eve: Person, case: Any
) -> None:
    answers = await asyncio.gather(
        *(
            resolve_report(person, case, "warn", note="Be kind", many=True)
            for person in (ada, grace) * 2
        )
    )
    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409]
    for answer in answers:
        if answer.status == 409:
            assert answer.refusal == (409, "already_resolved")
    claimed = await ada.call("claim_report", id=case["id"])
    assert claimed.refusal == (409, "already_resolved")
    (resolved,) = await forum.cases(state="resolved")
    assert (resolved["action"], resolved["note"]) == ("warn", "Be kind")
    ((type, data),) = await moderation_events(eve)
    assert type == "moderation.warned"
    assert data["warning"]["reason"] == "Be kind"
    assert data["warning"]["target"] == {"kind": "post", "id": case["target"]["id"]}
    actions = [entry["action"] for entry in await forum.audit_log()]
    assert actions == ["resolve_report", "warn_user"]
    assert await forum.audit_faults() == []


async def test_a_report_after_a_dismissal_opens_another_case(
    forum: ModeratedForum, world: World, grace: Person, eve: Person, case: Any
) -> None:
    dismissed = (await resolve_report(grace, case, "dismiss")).body
    assert (dismissed["state"], dismissed["resolved_by"]["id"]) == ("resolved", grace.id)
    assert await moderation_events(eve) == []
    assert await forum.cases() == []
    await forum.report(await world.new_person(), case["target"]["id"])
    (fresh,) = await forum.cases()
    assert (fresh["report_count"], fresh["id"] != case["id"]) == (1, True)


async def test_a_ban_removes_the_post_and_bans_its_author(
    forum: ModeratedForum, grace: Person, eve: Person, case: Any
) -> None:
    answer = await resolve_report(grace, case, "ban", note="Enough", ban={"days": 7})
    assert answer.status == 200
    assert answer.body["target"]["removed_at"] is not None
    assert [type for type, _ in await moderation_events(eve)] == [
        "moderation.removed",
        "moderation.banned",
    ]
    (banned,) = (await forum.call(grace, "list_bans")).body["items"]
    assert (banned["user"]["id"], banned["reason"]) == (eve.id, "Enough")


async def test_a_refused_ban_resolves_nothing(
    forum: ModeratedForum, ada: Person, grace: Person
) -> None:
    case = await forum.new_case(ada)
    assert (await resolve_report(grace, case, "ban")).refusal == (403, "higher_rank")
    assert [each["id"] for each in await forum.cases()] == [case["id"]]
    assert await forum.audit_log() == []


async def test_only_moderators_resolve_reports_with_a_valid_decision(
    world: World, eve: Person, grace: Person, case: Any
) -> None:
    for person in (eve, await world.new_person()):
        refused = await resolve_report(person, case, "dismiss")
        assert refused.refusal == (403, "not_allowed")
    missing = await resolve_report(grace, {"id": str(uuid4())}, "warn")
    assert missing.refusal == (404, "report_not_found")
    for bad in ({"action": "burn"}, {"action": "warn", "ban": {}}, {"action": "ban", "note": 1}):
        answer = await grace.call("resolve_report", bad, id=case["id"])
        assert answer.refusal == (422, "validation_failed")
