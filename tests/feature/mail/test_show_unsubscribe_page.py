"""A link that is only opened, by a person or a scanner, ends nothing."""

from __future__ import annotations

from tests.feature.environment import Request, answer_request
from tests.feature.mail.test_unsubscribe_mail import token_of
from tests.feature.notified import prefer
from tests.feature.world import Person, World


def opened(query: str) -> tuple[int, str, str]:
    answer = answer_request(Request("show_unsubscribe_page", query=query))
    return answer["statusCode"], answer["headers"]["content-type"], answer["body"]


async def test_the_page_has_a_button_and_changes_nothing(world: World, ada: Person) -> None:
    reader = await world.new_person("reader")
    await prefer(reader, mail="immediate")
    token = await token_of(reader, actor=ada)
    status, kind, page = await world.run(opened, f"token={token}")
    assert (status, kind) == (200, "text/html; charset=utf-8")
    assert f'<form method="post" action="?token={token}">' in page
    assert await world.sql(
        "SELECT mail FROM notification_preferences WHERE user_id = %s", reader.id
    ) == [("immediate",)]


async def test_a_forged_link_is_refused(world: World) -> None:
    answer = await world.call("show_unsubscribe_page", query="token=abc")
    assert answer.refusal == (403, "invalid_mail_link")
