"""An operator helps where no mail can, and each change is in the audit log of accounts."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from pydantic import ValidationError

from cgraph.accounts.errors import EmailTaken, UserNotFound
from tests.feature.account import activate_app, log_in
from tests.feature.environment import work_off
from tests.feature.invitations.test_create_invitation import register
from tests.feature.mailed import Mailbox, admitting, profile, verified
from tests.feature.world import Person, World

WHY = "she wrote to us, ticket 12"


async def manage(world: World, action: str, **options: Any) -> Any:
    command = {"action": action, "operator": "olga", "reason": WHY, **options}
    return await world.run(work_off, "deployment.manage_accounts", command)


async def test_a_lost_password_is_reset_with_a_token_of_the_operator(
    world: World, ada: Person
) -> None:
    report = await manage(world, "reset-password", login=ada.username)
    assert (await ada.call("show_me")).status == 401
    assert (await log_in(world, ada)).status == 401, "the old password is no longer valid"
    body = {"token": report["token"], "new_password": "my own new battery"}
    assert (await world.call("reset_password", body)).status == 204
    assert (await log_in(world, ada, password="my own new battery")).status == 200


async def test_a_lost_second_factor_is_removed(world: World, ada: Person) -> None:
    await activate_app(ada)
    report = await manage(world, "remove-second-factor", login=ada.email)
    assert report["accounts"][0]["totp"] is False
    assert (await log_in(world, ada)).status == 200


async def test_an_address_is_set_and_counts_as_verified(world: World, ada: Person) -> None:
    email = f"{uuid4().hex}@example.org"
    await manage(world, "set-email", login=ada.username, email=email)
    me = await profile(ada)
    assert (me["email"], me["email_verified"]) == (email, True)


async def test_an_address_that_another_account_has_verified_is_refused(
    world: World, ada: Person, grace: Person
) -> None:
    await verified(grace)
    with pytest.raises(EmailTaken):
        await manage(world, "set-email", login=ada.username, email=grace.email)
    assert (await profile(ada))["email"] == ada.email


async def test_an_account_that_waits_is_listed_and_approved(world: World) -> None:
    with admitting(world, registration="approval"):
        person = await world.new_person("waiting")
        await verified(person)
        waiting = (await manage(world, "waiting"))["accounts"]
        assert person.id in [account["id"] for account in waiting]
        mailbox = Mailbox.of(world)
        await manage(world, "approve", login=person.username)
        assert (await person.call("list_conversations")).status == 200, "at once"
        assert mailbox.mail(person.email).subject == "Your account was approved"


async def test_sessions_are_ended(world: World, ada: Person) -> None:
    report = await manage(world, "end-sessions", login=ada.username)
    assert (report["accounts"][0]["sessions"], (await ada.call("show_me")).status) == (0, 401)


async def test_an_invitation_of_an_operator_admits_an_account(world: World) -> None:
    report = await manage(world, "invite")
    with admitting(world, registration="invitation"):
        assert (await register(world, report["token"])).status == 201


async def test_each_change_is_recorded_without_the_address(world: World, ada: Person) -> None:
    before = (await manage(world, "audit"))["entries"]
    await manage(world, "show", login=ada.username)
    await manage(world, "verify-email", login=ada.email)
    entry, *others = (await manage(world, "audit"))["entries"]
    assert others == before[:99], "to look at an account is no change"
    assert (entry["actor"], entry["action"]) == ("olga", "verify-email")
    assert (entry["user_id"], entry["detail"]) == (ada.id, {"reason": WHY})
    assert ada.email not in str(entry)


async def test_a_refused_change_has_no_entry(world: World) -> None:
    before = (await manage(world, "audit"))["entries"]
    with pytest.raises(UserNotFound):
        await manage(world, "approve", login=uuid4().hex)
    with pytest.raises(ValidationError, match="needs a reason"):
        await manage(world, "approve", login="ada", reason=None)
    assert (await manage(world, "audit"))["entries"] == before


async def test_an_altered_entry_is_found(world: World, ada: Person) -> None:
    for _ in range(3):
        await manage(world, "verify-email", login=ada.username)
    newest, altered, _, *_ = (await manage(world, "audit"))["entries"]
    assert (await manage(world, "audit"))["first_fault"] is None
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await world.sql("DELETE FROM account_audit_log")
    for number in (altered["number"], newest["number"]):
        ((actor, was),) = await _alter(world, number, "somebody else")
        assert (await manage(world, "audit"))["first_fault"] == number
        await _alter(world, number, actor)
        assert was


async def _alter(world: World, number: int, actor: str) -> list[tuple[Any, ...]]:
    """As somebody who owns the database. Returns what was there."""
    was = await world.sql("SELECT actor, number FROM account_audit_log WHERE number = %s", number)
    await world.sql("ALTER TABLE account_audit_log DISABLE TRIGGER USER")
    await world.sql("UPDATE account_audit_log SET actor = %s WHERE number = %s", actor, number)
    await world.sql("ALTER TABLE account_audit_log ENABLE TRIGGER USER")
    return was
