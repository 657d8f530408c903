from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from cgraph.moderation.cases.models import Case
from tests.feature.moderation.ground import Ground, told
from tests.feature.world import Answer, Person, World


@pytest.fixture
async def case(ground: Ground, world: World, eve: Person) -> Any:
    """Of a post of eve's."""
    await ground.report(await world.new_person(), await ground.post(eve), reason="harassment")
    (case,) = await ground.cases()
    return case


async def claim(person: Person, case: Any, *, many: bool = False) -> Answer:
    return await person.call("claim_report", id=case["id"], many=many)


async def release(person: Person, case: Any) -> Answer:
    return await person.call("release_report", id=case["id"])


async def resolve(person: Person, case: Any, action: str, **more: Any) -> Answer:
    many = more.pop("many", False)
    body = {"action": action, **more}
    return await person.call("resolve_report", body, id=case["id"], many=many)


async def test_claimed_by_one(ground: Ground, ada: Person, grace: Person, case: Any) -> None:
    answers = await asyncio.gather(*(claim(person, case, many=True) for person in (ada, grace)))
    assert sorted(answer.status for answer in answers) == [200, 409]
    won, lost = sorted(answers, key=lambda answer: answer.status)
    winner = next(p for p in (ada, grace) if p.id == won.body["claimed_by"]["id"])
    loser = ada if winner is grace else grace
    assert Case.model_validate(won.body).model_dump(mode="json") == won.body
    assert won.body["state"] == "claimed"
    assert lost.refusal == (409, "report_claimed")
    assert winner.username in lost.body["detail"]
    assert won.body["claimed_until"] in lost.body["detail"]

    assert await ground.cases() == []
    assert [each["id"] for each in await ground.cases(state="claimed")] == [case["id"]]
    assert (await resolve(loser, case, "dismiss")).refusal == (409, "report_claimed")
    again = (await claim(winner, case)).body
    assert again["claimed_until"] >= won.body["claimed_until"]


async def test_given_back_or_run_out(
    ground: Ground, world: World, ada: Person, grace: Person, case: Any
) -> None:
    await claim(ada, case)
    assert (await release(grace, case)).status == 204
    assert (await claim(grace, case)).refusal == (409, "report_claimed")
    assert (await release(ada, case)).status == 204
    assert [each["state"] for each in await ground.cases()] == ["open"]
    assert (await claim(grace, case)).status == 200
    await world.sql("UPDATE report_cases SET claimed_until = now() WHERE id = %s", case["id"])
    assert (await claim(ada, case)).status == 200


async def test_resolved_once(
    ground: Ground, world: World, ada: Person, grace: Person, eve: Person, case: Any
) -> None:
    answers = await asyncio.gather(
        *(resolve(person, case, "warn", note="Be kind", many=True) for person in (ada, grace) * 2)
    )
    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409]
    for answer in answers:
        if answer.status == 409:
            assert answer.refusal == (409, "already_resolved")
    assert (await claim(ada, case)).refusal == (409, "already_resolved")
    (resolved,) = await ground.cases(state="resolved")
    assert (resolved["action"], resolved["note"]) == ("warn", "Be kind")
    ((type, data),) = await told(world, eve)
    assert type == "moderation.warned"
    assert data["warning"]["reason"] == "Be kind"
    assert data["warning"]["target"] == {"kind": "post", "id": case["target"]["id"]}
    actions = [entry["action"] for entry in await ground.audited()]
    assert actions == ["resolve_report", "warn_user"]
    assert await ground.faults() == []


async def test_dismissed_and_reported_anew(
    ground: Ground, world: World, grace: Person, eve: Person, case: Any
) -> None:
    dismissed = (await resolve(grace, case, "dismiss")).body
    assert (dismissed["state"], dismissed["resolved_by"]["id"]) == ("resolved", grace.id)
    assert await told(world, eve) == []
    assert await ground.cases() == []
    await ground.report(await world.new_person(), case["target"]["id"])
    (fresh,) = await ground.cases()
    assert (fresh["report_count"], fresh["id"] != case["id"]) == (1, True)


async def test_removed_with_a_ban(
    ground: Ground, world: World, grace: Person, eve: Person, case: Any
) -> None:
    answer = await resolve(grace, case, "ban", note="Enough", ban={"days": 7})
    assert answer.status == 200
    assert answer.body["target"]["removed_at"] is not None
    assert [type for type, _ in await told(world, eve)] == [
        "moderation.removed",
        "moderation.banned",
    ]
    (banned,) = (await ground.call(grace, "list_bans")).body["items"]
    assert (banned["user"]["id"], banned["reason"]) == (eve.id, "Enough")


async def test_a_refused_ban_resolves_nothing(
    ground: Ground, world: World, ada: Person, grace: Person
) -> None:
    await ground.report(await world.new_person(), await ground.post(ada))
    (case,) = await ground.cases()
    assert (await resolve(grace, case, "ban")).refusal == (422, "invalid_ban")
    assert [each["id"] for each in await ground.cases()] == [case["id"]]
    assert await ground.audited() == []


async def test_a_removal_resolves_the_case(ground: Ground, grace: Person, case: Any) -> None:
    await grace.call("remove_post", {"reason": "no"}, id=case["target"]["id"])
    (resolved,) = await ground.cases(state="resolved")
    assert (resolved["action"], resolved["resolved_by"]["id"]) == ("remove", grace.id)


async def test_not_for_others(world: World, eve: Person, grace: Person, case: Any) -> None:
    stranger = await world.new_person()
    for person in (eve, stranger):
        assert (await claim(person, case)).refusal == (403, "not_allowed")
        assert (await release(person, case)).refusal == (403, "not_allowed")
        assert (await resolve(person, case, "dismiss")).refusal == (403, "not_allowed")
    nothing = {"id": str(uuid4())}
    for call in (claim, release):
        assert (await call(grace, nothing)).refusal == (404, "report_not_found")
    assert (await resolve(grace, nothing, "warn")).refusal == (404, "report_not_found")
    for bad in ({"action": "burn"}, {"action": "warn", "ban": {}}, {"action": "ban", "note": 1}):
        answer = await grace.call("resolve_report", bad, id=case["id"])
        assert answer.refusal == (422, "validation_failed")
