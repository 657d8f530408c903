from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

from cgraph.moderation.cases.models import ReportCase
from tests.feature.moderated_forum import ModeratedForum, resolve_report
from tests.feature.world import Person, World


async def test_of_two_moderators_one_gets_the_claim(
    forum: ModeratedForum, ada: Person, grace: Person, case: Any
) -> None:
    answers = await asyncio.gather(
        *(person.call("claim_report", id=case["id"], many=True) for person in (ada, grace))
    )
    assert sorted(answer.status for answer in answers) == [200, 409]
    won, lost = sorted(answers, key=lambda answer: answer.status)
    winner = next(p for p in (ada, grace) if p.id == won.body["claimed_by"]["id"])
    loser = ada if winner is grace else grace
    assert ReportCase.model_validate(won.body).model_dump(mode="json") == won.body
    assert won.body["state"] == "claimed"
    assert lost.refusal == (409, "report_claimed")
    assert winner.username in lost.body["detail"]
    assert won.body["claimed_until"] in lost.body["detail"]

    assert await forum.cases() == []
    assert [each["id"] for each in await forum.cases(state="claimed")] == [case["id"]]
    assert (await resolve_report(loser, case, "dismiss")).refusal == (409, "report_claimed")
    again = (await winner.call("claim_report", id=case["id"])).body
    assert again["claimed_until"] >= won.body["claimed_until"]


async def test_an_expired_claim_can_be_taken_over(
    world: World, ada: Person, grace: Person, case: Any
) -> None:
    assert (await grace.call("claim_report", id=case["id"])).status == 200
    await world.sql("UPDATE report_cases SET claimed_until = now() WHERE id = %s", case["id"])
    assert (await ada.call("claim_report", id=case["id"])).status == 200


async def test_only_moderators_claim_reports(
    world: World, grace: Person, eve: Person, case: Any
) -> None:
    for person in (eve, await world.new_person()):
        refused = await person.call("claim_report", id=case["id"])
        assert refused.refusal == (403, "not_allowed")
    missing = await grace.call("claim_report", id=str(uuid4()))
    assert missing.refusal == (404, "report_not_found")
