"""An invitation admits one account, and users have few of them."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

from tests.feature.mailed import admitting, profile
from tests.feature.world import PASSWORD, Answer, Person, World


async def invite(person: Person) -> str:
    answer = await person.call("create_invitation", {"note": "for a friend"})
    assert answer.status == 201, answer
    return str(answer.body["invitation"])


async def register(world: World, invitation: str | None = None, **options: bool) -> Answer:
    name = f"new-{uuid4().hex[:10]}"
    body = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    more = {} if invitation is None else {"invitation": invitation}
    return await world.call("register", {**body, **more}, **options)


async def test_an_invitation_is_shown_with_its_end(ada: Person) -> None:
    answer = await ada.call("create_invitation", {"note": "for a friend"})
    created, ends = (
        datetime.fromisoformat(answer.body[key]) for key in ("created_at", "expires_at")
    )
    assert ends - created == timedelta(days=14)
    assert (answer.body["note"], answer.body["used_by"]) == ("for a friend", None)


async def test_where_an_invitation_is_required_nobody_registers_without(
    world: World, ada: Person
) -> None:
    with admitting(world, registration="invitation"):
        assert (await register(world)).refusal == (403, "invitation_required")
        assert (await register(world, "made up")).refusal == (403, "invalid_invitation")
        assert (await register(world, await invite(ada))).status == 201


async def test_an_invitation_admits_one_account(world: World, ada: Person) -> None:
    text = await invite(ada)
    with admitting(world, registration="invitation"):
        answers = await asyncio.gather(*(register(world, text, many=True) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [201, 403, 403, 403]


async def test_a_registration_that_fails_does_not_use_the_invitation(
    world: World, ada: Person
) -> None:
    text = await invite(ada)
    taken = {"username": ada.username, "email": ada.email, "password": PASSWORD}
    answer = await world.call("register", {**taken, "invitation": text})
    assert answer.refusal == (409, "username_taken")
    assert (await register(world, text)).status == 201


async def test_an_old_invitation_is_refused(world: World, ada: Person) -> None:
    text = await invite(ada)
    await world.sql("UPDATE invitations SET expires_at = now() WHERE created_by = %s", ada.id)
    assert (await register(world, text)).refusal == (403, "invalid_invitation")


async def test_a_user_has_ten_open_invitations_at_most(world: World, ada: Person) -> None:
    answers = await asyncio.gather(
        *(ada.call("create_invitation", {}, many=True) for _ in range(13))
    )
    assert sorted(answer.status for answer in answers) == [*[201] * 10, *[409] * 3]
    text = next(answer.body["invitation"] for answer in answers if answer.status == 201)
    assert (await register(world, text)).status == 201
    assert (await ada.call("create_invitation", {})).status == 201, "one was used"


async def test_where_accounts_wait_for_approval_an_invited_one_does_not(
    world: World, ada: Person
) -> None:
    with admitting(world, registration="approval"):
        invited = world.signed_in((await register(world, await invite(ada))).body)
        waiting = world.signed_in((await register(world)).body)
        assert (await invited.call("list_conversations")).status == 200
        refused = await waiting.call("list_conversations")
        assert refused.refusal == (403, "account_not_approved")
        assert (await profile(waiting))["id"] == waiting.id
