from __future__ import annotations

from tests.feature.world import Person, World


async def test_ends_the_session_at_once_and_for_good(world: World, ada: Person) -> None:
    assert (await ada.call("show_me")).status == 200
    answer = await ada.call("log_out")

    assert (answer.status, answer.body) == (204, None)
    assert (await ada.call("show_me")).refusal == (401, "invalid_token")
    refreshed = await world.call("refresh_session", {"refresh_token": ada.refresh_token})
    assert refreshed.refusal == (401, "invalid_token")


async def test_a_second_time_there_is_nothing_to_end(ada: Person) -> None:
    await ada.call("log_out")

    assert (await ada.call("log_out")).refusal == (401, "invalid_token")
