from __future__ import annotations

import asyncio
from uuid import uuid4

from cgraph.forums.members.models import ForumMember
from tests.feature.forums.forum import forum, own_events
from tests.feature.world import Person, World

NOT_ALLOWED = (403, "not_allowed")


async def test_moderators_add_people(ada: Person, grace: Person, eve: Person) -> None:
    made = await forum(ada, visibility="private")
    added = await made.add(ada, grace)
    member = added.body
    assert (added.status, member["id"], member["role"]) == (200, grace.id, "member")
    assert ForumMember.model_validate(member).model_dump(mode="json") == member
    assert (await made.add(ada, grace)).body == member
    assert await made.events() == [("membership.added", {"member": member})]
    ((kind, data),) = await own_events(grace)
    assert (kind, data["forum"]["id"], data["forum"]["role"]) == ("forum.joined", made.id, "member")

    assert (await made.add(grace, eve)).refusal == NOT_ALLOWED
    assert (await made.add(eve, eve)).refusal == (404, "forum_not_found")
    assert (await made.add(ada, uuid4())).refusal == (404, "user_not_found")
    assert (await made.add(ada, "eve")).refusal == (422, "validation_failed")


async def test_nobody_is_added_who_would_not_be(ada: Person, grace: Person, eve: Person) -> None:
    made = await forum(ada)
    await grace.call("block_user", user_id=ada.id)
    assert (await made.add(ada, grace)).refusal == (403, "blocked")
    assert (await made.appoint(ada, grace)).refusal == (403, "blocked")
    await made.ban(eve)
    assert (await made.add(ada, eve)).refusal == NOT_ALLOWED
    assert (await made.appoint(ada, eve)).refusal == NOT_ALLOWED
    assert await made.roles(ada) == {"ada": "owner"}


async def test_who_removes_whom(world: World, ada: Person, grace: Person, eve: Person) -> None:
    other = await world.new_person("other")
    made = await forum(ada, grace, eve, other)
    for moderator in (grace, other):
        await made.appoint(ada, moderator)

    for remover, removed in ((eve, other), (eve, ada), (grace, other), (grace, ada)):
        assert (await made.remove(remover, removed)).refusal == NOT_ALLOWED
    assert (await made.remove(ada, ada)).refusal == (409, "ownership_transfer_required")
    for remover, removed in ((grace, eve), (ada, grace), (other, other)):
        answer = await made.remove(remover, removed)
        assert (answer.status, answer.body) == (204, None)
    assert await made.roles(ada) == {"ada": "owner"}
    assert (await made.remove(ada, eve)).refusal == (404, "member_not_found")
    assert (await made.remove(ada, uuid4())).refusal == (404, "user_not_found")
    told = [(kind, data) for kind, data in await made.events() if kind == "membership.removed"]
    assert told == [("membership.removed", {"user_id": who.id}) for who in (eve, grace)]
    assert (await own_events(eve))[-1] == ("forum.left", {"forum_id": made.id})


async def test_moderators_are_appointed_and_dismissed(
    ada: Person, grace: Person, eve: Person
) -> None:
    made = await forum(ada)
    appointed = await made.appoint(ada, grace)
    assert (appointed.status, appointed.body["role"]) == (200, "moderator")
    assert (await made.appoint(ada, grace, role="moderator")).body == appointed.body
    assert (await made.appoint(grace, eve)).refusal == NOT_ALLOWED
    assert (await made.dismiss(grace, grace)).refusal == NOT_ALLOWED
    assert (await made.dismiss(ada, eve)).refusal == (404, "member_not_found")
    assert (await made.appoint(ada, ada)).refusal == (409, "ownership_transfer_required")
    assert (await made.dismiss(ada, ada)).refusal == (409, "ownership_transfer_required")
    assert (await made.appoint(ada, eve, role="member")).refusal == (422, "validation_failed")
    assert (await made.dismiss(ada, grace)).status == 204
    assert await made.roles(eve) == {"ada": "owner", "grace": "member"}
    assert [(kind, data["member"]["role"]) for kind, data in await made.events()] == [
        ("membership.added", "moderator"),
        ("membership.updated", "member"),
    ]


async def test_to_hand_over(ada: Person, grace: Person, eve: Person) -> None:
    made = await forum(ada, grace)
    assert (await made.appoint(ada, ada, role="owner")).body["role"] == "owner"
    assert (await made.appoint(ada, grace, role="owner")).body["role"] == "owner"
    assert await made.roles(eve) == {"ada": "moderator", "grace": "owner"}
    assert (await made.appoint(ada, eve, role="owner")).refusal == NOT_ALLOWED
    assert (await made.change(grace, name="Hers")).status == 200


async def test_two_owners_are_never_made(ada: Person, grace: Person, eve: Person) -> None:
    made = await forum(ada, grace, eve)
    answers = await asyncio.gather(
        *(
            ada.call(
                "appoint_moderator",
                {"role": "owner"},
                slug=made.slug,
                user_id=who.id,
                many=True,
            )
            for who in (grace, eve)
        )
    )
    assert sorted(answer.status for answer in answers) == [200, 403]
    roles = sorted((await made.roles(ada)).values())
    assert roles == ["member", "moderator", "owner"]


async def test_what_moderators_do_is_in_the_audit_log(ada: Person, grace: Person) -> None:
    made = await forum(ada, grace)
    await made.appoint(ada, grace)
    await made.dismiss(ada, grace)
    await made.change(ada, name="Another", visibility="private")
    await made.remove(ada, grace)
    await made.add(ada, grace)
    await made.remove(grace, grace)

    log = (await ada.call("list_audit", slug=made.slug)).body["items"]
    assert [each["action"] for each in reversed(log)] == [
        *("add_forum_member", "appoint_moderator", "dismiss_moderator", "change_forum"),
        *("remove_forum_member", "add_forum_member"),
    ]
    assert {each["actor"]["id"] for each in log} == {ada.id}
    change = log[2]
    assert change["detail"] == {"changed": ["name", "visibility", "posting"]}
    assert log[0]["target"] == {"kind": "user", "id": grace.id}
