from __future__ import annotations

import asyncio
from uuid import uuid4

from cgraph.moderation.warnings.models import ForumWarning
from tests.feature.moderated_forum import ModeratedForum, moderation_events
from tests.feature.world import Person, World


async def test_one_nonce_warns_once(forum: ModeratedForum, grace: Person, eve: Person) -> None:
    post = await forum.post(eve)
    body = {
        "user_id": eve.id,
        "reason": "Be kind",
        "target": {"kind": "post", "id": post},
        "nonce": uuid4().hex,
    }
    answers = await asyncio.gather(
        *(forum.call(grace, "warn_user", body, many=True) for _ in range(4))
    )
    assert sorted(answer.status for answer in answers) == [200, 200, 200, 201]
    warning = answers[0].body
    assert all(answer.body == warning for answer in answers)
    assert ForumWarning.model_validate(warning).model_dump(mode="json") == warning
    assert await moderation_events(eve) == [("moderation.warned", {"warning": warning})]
    other = await forum.call(grace, "warn_user", {**body, "reason": "Else"})
    assert other.refusal == (409, "nonce_conflict")
    (entry,) = await forum.audit_log()
    assert (entry["action"], entry["target"]["id"]) == ("warn_user", eve.id)


async def test_only_members_and_authors_in_the_forum_are_warned(
    forum: ModeratedForum, world: World, grace: Person
) -> None:
    visitor = await world.new_person()
    body = {"user_id": visitor.id, "reason": "Be kind"}
    assert (await forum.call(grace, "warn_user", body)).refusal == (404, "member_not_found")
    theirs = await forum.comment(visitor, under=await forum.post(grace))
    about = {**body, "target": {"kind": "comment", "id": theirs}}
    assert (await forum.call(grace, "warn_user", about)).status == 201
    wrong = {**about, "user_id": forum.member.id}
    assert (await forum.call(grace, "warn_user", wrong)).refusal == (404, "member_not_found")
    for person, code in ((grace, "own_case"), (forum.owner, "higher_rank")):
        body = {"user_id": person.id, "reason": "Be kind"}
        assert (await forum.call(grace, "warn_user", body)).refusal == (403, code)
    body = {"user_id": visitor.id, "reason": "Be kind"}
    unknown = {**body, "user_id": str(uuid4())}
    assert (await forum.call(grace, "warn_user", unknown)).refusal == (404, "user_not_found")


async def test_a_warning_needs_a_reason_and_a_moderator(
    forum: ModeratedForum, grace: Person, eve: Person
) -> None:
    for reason in ("", " ", "x" * 1001, "a\0b", None):
        body = {"user_id": eve.id, "reason": reason}
        answer = await forum.call(grace, "warn_user", body)
        assert answer.refusal == (422, "validation_failed")
    body = {"user_id": grace.id, "reason": "no"}
    assert (await forum.call(eve, "warn_user", body)).refusal == (403, "not_allowed")
