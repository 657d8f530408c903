"""Nobody judges their own case, and nobody acts against a higher rank."""

from __future__ import annotations

from tests.feature.moderated_forum import ModeratedForum, resolve_report
from tests.feature.world import Person, World

OWN_CASE = (403, "own_case")
HIGHER_RANK = (403, "higher_rank")


async def test_a_moderator_does_not_judge_what_they_wrote(
    forum: ModeratedForum, ada: Person, grace: Person
) -> None:
    for author in (ada, grace):
        case = await forum.new_case(author)
        post = case["target"]["id"]
        comment = await forum.comment(author, under=post)
        assert (await author.call("claim_report", id=case["id"])).refusal == OWN_CASE
        for action in ("dismiss", "remove", "warn", "ban"):
            assert (await resolve_report(author, case, action)).refusal == OWN_CASE
        assert (await author.call("remove_post", id=post)).refusal == OWN_CASE
        assert (await author.call("remove_comment", id=comment)).refusal == OWN_CASE
        assert (await author.call("restore_comment", id=comment)).refusal == OWN_CASE
        assert (await author.call("restore_post", id=post)).refusal == OWN_CASE


async def test_a_removed_moderator_does_not_restore_their_own_post(
    forum: ModeratedForum, ada: Person, grace: Person
) -> None:
    post = await forum.post(grace)
    await ada.call("remove_post", id=post)
    assert (await grace.call("restore_post", id=post)).refusal == OWN_CASE
    assert (await ada.call("restore_post", id=post)).status == 204


async def test_a_moderator_does_not_act_against_what_the_owner_wrote(
    forum: ModeratedForum, ada: Person, grace: Person
) -> None:
    case = await forum.new_case(ada)
    post = case["target"]["id"]
    for action in ("remove", "warn", "ban"):
        assert (await resolve_report(grace, case, action)).refusal == HIGHER_RANK
    for function in ("remove_post", "restore_post", "lock_post", "unlock_post"):
        assert (await grace.call(function, id=post)).refusal == HIGHER_RANK
    comment = await forum.comment(ada, under=post)
    assert (await grace.call("remove_comment", id=comment)).refusal == HIGHER_RANK
    moved = await grace.call("move_post", {"forum": forum.slug}, id=post)
    assert moved.refusal == HIGHER_RANK
    assert await forum.audit_log() == []
    assert (await grace.call("pin_post", id=post)).status == 200
    assert (await resolve_report(grace, case, "dismiss")).status == 200


async def test_moderators_remove_what_another_moderator_wrote_and_do_not_warn_each_other(
    forum: ModeratedForum, world: World, ada: Person, grace: Person
) -> None:
    other = await world.new_person()
    await forum.join(other, role="moderator")
    case = await forum.new_case(other)
    assert (await resolve_report(grace, case, "warn")).refusal == HIGHER_RANK
    assert (await resolve_report(grace, case, "ban")).refusal == HIGHER_RANK
    assert (await resolve_report(grace, case, "remove")).status == 200
    warning = {"user_id": other.id, "reason": "Be kind"}
    assert (await forum.call(grace, "warn_user", warning)).refusal == HIGHER_RANK
    assert (await forum.call(ada, "warn_user", warning)).status == 201
