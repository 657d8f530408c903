"""What each HTTP answer carries."""

from __future__ import annotations

from tests.feature.account import log_in
from tests.feature.world import Answer, Person, World


async def test_no_answer_may_be_stored_or_taken_for_another_type(world: World, ada: Person) -> None:
    answers = {
        "with tokens": await log_in(world, ada),
        "of a query": await ada.call("show_me"),
        "in JSON of Postgres": await ada.call("list_sessions"),
        "a refusal": await world.call("show_me"),
        "a body that is not valid": await world.call("log_in", {"login": 1}),
        "a body that is not JSON": await world.call("log_in", "{"),
        "without a body": await ada.call("log_out"),
        "without a session": await world.call("show_limits"),
        "without a limit": await world.call("check_health"),
    }

    assert {name: kept(answer) for name, answer in answers.items()} == dict.fromkeys(
        answers, ("no-store", "nosniff")
    )


def kept(answer: Answer) -> tuple[str | None, str | None]:
    return answer.headers.get("cache-control"), answer.headers.get("x-content-type-options")
