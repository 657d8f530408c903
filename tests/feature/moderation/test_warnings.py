from __future__ import annotations

import asyncio
from uuid import uuid4

from cgraph.moderation.warnings.models import ForumWarning
from tests.feature.moderation.ground import Ground, told
from tests.feature.world import Person, World


async def test_warned_once(ground: Ground, world: World, grace: Person, eve: Person) -> None:
    post = await ground.post(eve)
    body = {
        "user_id": eve.id,
        "reason": "Be kind",
        "target": {"kind": "post", "id": post},
        "nonce": uuid4().hex,
    }
    answers = await asyncio.gather(
        *(ground.call(grace, "warn_user", body, many=True) for _ in range(4))
    )
    assert sorted(answer.status for answer in answers) == [200, 200, 200, 201]
    warning = answers[0].body
    assert all(answer.body == warning for answer in answers)
    assert ForumWarning.model_validate(warning).model_dump(mode="json") == warning
    assert await told(world, eve) == [("moderation.warned", {"warning": warning})]
    other = await ground.call(grace, "warn_user", {**body, "reason": "Else"})
    assert other.refusal == (409, "nonce_conflict")
    (entry,) = await ground.audited()
    assert (entry["action"], entry["target"]["id"]) == ("warn_user", eve.id)


async def test_members_and_authors(ground: Ground, world: World, grace: Person) -> None:
    visitor = await world.new_person()
    body = {"user_id": visitor.id, "reason": "Be kind"}
    assert (await ground.call(grace, "warn_user", body)).refusal == (404, "member_not_found")
    theirs = await ground.comment(visitor, under=await ground.post(grace))
    about = {**body, "target": {"kind": "comment", "id": theirs}}
    assert (await ground.call(grace, "warn_user", about)).status == 201
    wrong = {**about, "user_id": grace.id}
    assert (await ground.call(grace, "warn_user", wrong)).refusal == (404, "member_not_found")
    unknown = {**body, "user_id": str(uuid4())}
    assert (await ground.call(grace, "warn_user", unknown)).refusal == (404, "user_not_found")


async def test_bad_warnings(ground: Ground, grace: Person, eve: Person) -> None:
    for reason in ("", " ", "x" * 1001, "a\0b", None):
        body = {"user_id": eve.id, "reason": reason}
        answer = await ground.call(grace, "warn_user", body)
        assert answer.refusal == (422, "validation_failed")
    body = {"user_id": grace.id, "reason": "no"}
    assert (await ground.call(eve, "warn_user", body)).refusal == (403, "not_allowed")
