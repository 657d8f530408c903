from __future__ import annotations

from tests.feature.account import activate_app, another_session, reset_attempts
from tests.feature.api_tokens.people import age_session
from tests.feature.world import PASSWORD, Person, World

DRAFT = {"name": "a program", "scopes": ["profile:read"]}


async def is_fresh(person: Person) -> bool:
    return (await person.call("create_api_token", DRAFT)).status == 201


async def test_a_confirmed_session_is_a_fresh_log_in_for_five_minutes(
    world: World, ada: Person
) -> None:
    other = await another_session(world, ada)
    await age_session(ada)
    assert (await ada.call("confirm_session", {"password": PASSWORD})).status == 204
    assert await is_fresh(ada)
    assert not await is_fresh(other), "only the session that was confirmed"

    await world.sql(
        "UPDATE sessions SET confirmed_at = confirmed_at - interval '301 s' WHERE user_id = %s",
        ada.id,
    )
    assert not await is_fresh(ada)


async def test_wrong_passwords_are_refused_and_limited(world: World, ada: Person) -> None:
    await reset_attempts(world, ada)
    await age_session(ada)
    answers = [await ada.call("confirm_session", {"password": "wrong"}) for _ in range(11)]

    assert {answer.refusal for answer in answers[:10]} == {(401, "invalid_credentials")}
    assert answers[10].refusal == (429, "rate_limited")
    assert not await is_fresh(ada)


async def test_the_second_factor_is_asked_for_too(world: World, ada: Person) -> None:
    app = await activate_app(ada)
    await age_session(ada)
    own = {"password": PASSWORD}
    assert (await ada.call("confirm_session", own)).refusal == (401, "second_factor_required")
    wrong = {**own, "code": app.wrong_code()}
    assert (await ada.call("confirm_session", wrong)).refusal == (401, "invalid_code")
    assert not await is_fresh(ada)
    right = {**own, "code": app.code(ahead=1)}
    assert (await ada.call("confirm_session", right)).status == 204
    assert await is_fresh(ada)
    await age_session(ada)
    assert (await ada.call("confirm_session", right)).refusal == (401, "invalid_code"), "used"
