"""Mails and push messages are in the language that their reader chose."""

from __future__ import annotations

from tests.feature.notified import deliver, notify, prefer, queue, sent_to
from tests.feature.world import Person, World


async def test_mails_are_written_in_the_language_of_the_reader(world: World, ada: Person) -> None:
    mails = queue(world, "mails")
    person = await world.new_person("leser")
    assert (await person.call("show_me")).body["language"] == "en"
    changed = await person.call("change_me", {"language": "de"})
    assert (changed.status, changed.body["language"]) == (200, "de")
    assert (await person.call("show_me")).body["language"] == "de"
    await prefer(person, mail="immediate")
    await notify(person, actor=ada, kind="mention")
    await deliver(world)
    (mail,) = await sent_to(person, mails)
    assert mail["subject"] == f"Erwähnung durch {ada.username}"
    assert mail["text"].startswith(f"Hallo {person.username},")
    assert '<html lang="de">' in mail["html"]


async def test_a_language_without_texts_is_refused(ada: Person) -> None:
    assert (await ada.call("change_me", {"language": "tlh"})).status == 422
