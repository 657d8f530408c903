"""Changes of roles in a group."""

from __future__ import annotations

import asyncio

import pytest

from tests.feature.account import user_events
from tests.feature.conversation import start_group
from tests.feature.world import Person


async def test_only_the_owner_gives_roles(ada: Person, grace: Person, eve: Person) -> None:
    group = await start_group(ada, grace, eve)

    for role in ("admin", "admin", "member"):
        answer = await group.put_member(ada, grace, role=role)
        assert (answer.status, answer.body["role"]) == (200, role)
    assert [(kind, data["member"]["role"]) for kind, data in await group.events()] == [
        ("member.updated", "admin"),
        ("member.updated", "member"),
    ]
    await group.put_member(ada, grace, role="admin")
    for person, other, role in (
        (grace, eve, "admin"),
        (grace, grace, "owner"),
        (grace, grace, "member"),
        (grace, ada, "member"),
        (grace, eve, "owner"),
        (eve, eve, "admin"),
        (eve, eve, "owner"),
    ):
        answer = await group.put_member(person, other, role=role)
        assert answer.refusal == (403, "not_allowed"), (person, other, role)
    assert await group.roles(eve) == {"ada": "owner", "grace": "admin", "eve": "member"}


async def test_an_admin_cannot_add_an_admin(ada: Person, grace: Person, eve: Person) -> None:
    group = await start_group(ada, grace)
    await group.put_member(ada, grace, role="admin")

    for role in ("admin", "owner"):
        assert (await group.put_member(grace, eve, role=role)).refusal == (403, "not_allowed")
    assert (await group.put_member(ada, eve, role="admin")).body["role"] == "admin"
    assert await user_events(eve, "conversation.joined") != []


@pytest.mark.parametrize("is_member", [True, False])
async def test_a_new_owner_replaces_the_caller(ada: Person, grace: Person, is_member: bool) -> None:
    group = await start_group(ada, *([grace] if is_member else []))
    assert (await group.put_member(ada, grace, role="owner")).body["role"] == "owner"

    assert await group.roles(grace) == {"ada": "admin", "grace": "owner"}
    published = [(kind, data["member"]["id"], data["member"]["role"])
            for kind, data in await group.events()]  # fmt: skip
    first = "member.updated" if is_member else "member.added"
    assert published == [(first, grace.id, "owner"), ("member.updated", ada.id, "admin")]
    assert [(await group.show(who))["role"] for who in (ada, grace)] == ["admin", "owner"]
    for joined in (await user_events(grace, "conversation.joined"))[:1]:
        assert joined["conversation"]["head"] == (0 if is_member else 2)


async def test_an_owner_cannot_give_up_the_role_without_a_successor(
    ada: Person, grace: Person
) -> None:
    group = await start_group(ada, grace)

    for role in ("admin", "member"):
        assert (await group.put_member(ada, ada, role=role)).refusal == (
            409,
            "ownership_transfer_required",
        )
    for change in ({}, {"role": "owner"}, {"role": None}):
        assert (await group.put_member(ada, ada, **change)).body["role"] == "owner"
    assert await group.head() == 0


async def test_a_group_given_to_two_owners_at_once_has_one(
    ada: Person, grace: Person, eve: Person
) -> None:
    group = await start_group(ada, grace, eve)
    answers = await asyncio.gather(
        *(group.put_member(ada, other, role="owner", many=True) for other in (grace, eve))
    )

    assert sorted(answer.status for answer in answers) == [200, 403]
    roles = await group.roles(ada)
    assert sorted(roles.values()) == ["admin", "member", "owner"]
    assert roles["ada"] == "admin"
