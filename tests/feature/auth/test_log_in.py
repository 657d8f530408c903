from __future__ import annotations

from tests.feature.world import PASSWORD, Answer, Person, World


async def log_in(world: World, login: str, password: str = PASSWORD) -> Answer:
    return await world.call("log_in", {"login": login, "password": password})


async def test_a_login_is_the_username_or_the_e_mail_address_in_any_case(
    world: World, ada: Person
) -> None:
    for login in (ada.username, ada.username.upper(), ada.email, ada.email.lower()):
        answer = await log_in(world, login)
        assert answer.status == 200
        assert answer.body["user"]["id"] == ada.id
        assert (await world.signed_in(answer.body).call("show_me")).status == 200


async def test_each_log_in_starts_a_session_of_its_own(world: World, ada: Person) -> None:
    second = world.signed_in((await log_in(world, ada.username)).body)
    await second.call("log_out")

    assert (await second.call("show_me")).refusal == (401, "invalid_token")
    assert (await ada.call("show_me")).status == 200


async def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(
    world: World, ada: Person
) -> None:
    wrong = await log_in(world, ada.username, "wrong password")
    unknown = await log_in(world, f"nobody-{ada.username}")

    assert wrong.refusal == unknown.refusal == (401, "invalid_credentials")
    assert wrong.body == unknown.body


async def test_an_unusual_login_is_refused_like_an_unknown_one(world: World) -> None:
    for login in ("' OR 1=1 --", "%", "\u0131", "x" * 254):
        assert (await log_in(world, login)).refusal == (401, "invalid_credentials")
    assert (await log_in(world, "nul\0")).refusal == (422, "validation_failed")
