from __future__ import annotations

import pytest

from tests.feature.moderated_forum import (
    ModeratedForum,
    moderation_events,
    resolve_report,
    stream_events,
)
from tests.feature.moderation.held import WORD, held_post
from tests.feature.world import Person, World


async def test_a_held_post_is_seen_by_its_author_and_moderators_until_it_is_approved(
    forum: ModeratedForum, world: World, grace: Person, eve: Person
) -> None:
    post = (await held_post(forum, eve))["id"]
    stranger = await world.new_person()
    assert (await stranger.call("show_post", id=post)).refusal == (404, "post_not_found")
    for person in (eve, grace):
        assert (await person.call("show_post", id=post)).body["withheld"] == "approval"
    (case,) = await forum.cases()
    assert (case["withheld"], case["reasons"]) == ("approval", {"filter": 1})
    assert await stream_events(world, forum.id) == []
    assert await forum.listed(post) == (0, 1)

    assert (await grace.call("approve_post", id=post)).status == 204
    assert (await stranger.call("show_post", id=post)).body["withheld"] is None
    ((type, data),) = await stream_events(world, forum.id)
    assert (type, data["post"]["id"]) == ("post.created", post)
    assert await forum.listed(post) == (1, 1)
    assert [case["action"] for case in await forum.cases(state="resolved")] == ["approve"]
    assert [type for type, _ in await moderation_events(eve)] == ["moderation.approved"]
    actions = [entry["action"] for entry in await forum.audit_log()]
    assert actions == ["change_filters", "approve_post"]
    again = await grace.call("approve_post", id=post)
    assert again.refusal == (409, "not_withheld")


async def test_a_rejected_post_stays_hidden(
    forum: ModeratedForum, world: World, grace: Person, eve: Person
) -> None:
    post = (await held_post(forum, eve))["id"]
    (case,) = await forum.cases()
    for action in ("dismiss", "warn"):
        refused = await resolve_report(grace, case, action)
        assert refused.refusal == (409, "awaits_approval")
    assert (await resolve_report(grace, case, "remove", note="No ads")).status == 200
    assert (await eve.call("show_post", id=post)).body["removal_reason"] == "No ads"
    assert (await grace.call("approve_post", id=post)).refusal == (409, "post_deleted")
    assert await stream_events(world, forum.id) == []


async def test_a_case_is_resolved_by_approving(
    forum: ModeratedForum, world: World, grace: Person, eve: Person
) -> None:
    post = (await held_post(forum, eve))["id"]
    (case,) = await forum.cases()
    assert (await resolve_report(grace, case, "approve")).body["action"] == "approve"
    assert (await (await world.new_person()).call("show_post", id=post)).status == 200
    (other,) = [await forum.new_case(eve)]
    refused = await resolve_report(grace, other, "approve")
    assert refused.refusal == (409, "not_withheld")


async def test_an_edit_does_not_hold_what_readers_see_already(
    forum: ModeratedForum, grace: Person, eve: Person
) -> None:
    held = (await held_post(forum, eve))["id"]
    edit = {"version": 1, "title": WORD}
    assert (await eve.call("edit_post", edit, id=held)).body["withheld"] == "approval"
    await grace.call("approve_post", id=held)
    edit = {"version": 2, "title": f"{WORD}!"}
    assert (await eve.call("edit_post", edit, id=held)).refusal == (422, "filtered")


@pytest.mark.parametrize("shadow", [False, True])
async def test_a_shadow_banned_author_is_shown_what_others_are_shown(
    forum: ModeratedForum, grace: Person, eve: Person, shadow: bool
) -> None:
    if shadow:
        await forum.call(grace, "ban_user", {"shadow": True}, user_id=eve.id)
    post = (await forum.call(eve, "create_post", {"title": "Hello"})).body
    assert post["withheld"] is None
    assert (await held_post(forum, eve))["withheld"] == "approval"
    shown = (await grace.call("show_post", id=post["id"])).body
    assert shown["withheld"] == ("shadow_ban" if shadow else None)
    if shadow:
        assert (await grace.call("approve_post", id=post["id"])).status == 204
        assert await moderation_events(eve) == []


async def test_only_other_moderators_approve(
    forum: ModeratedForum, grace: Person, eve: Person
) -> None:
    mine = await forum.post(grace, withheld="approval")
    owners = await forum.post(forum.owner, withheld="approval")
    theirs = await forum.post(eve, withheld="approval")
    assert (await grace.call("approve_post", id=mine)).refusal == (403, "own_case")
    assert (await grace.call("approve_post", id=owners)).refusal == (403, "higher_rank")
    assert (await eve.call("approve_post", id=theirs)).refusal == (403, "not_allowed")
