"""Quotes, lists and reports show the beginning of a text without cutting a character."""

from __future__ import annotations

from typing import Any

import pytest
import regex

from cgraph_client.core.excerpts import excerpt
from tests.feature.conversation import Conversation
from tests.feature.forum import new_forum
from tests.feature.world import Person, World

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
CHARACTERS = {
    "a letter": "a",
    "a family": FAMILY,
    "a skin tone": "\U0001f44d\U0001f3fd",
    "a heart with its style": "\u2764\ufe0f",
    "a keycap": "1\ufe0f\u20e3",
    "flags": "\U0001f1eb\U0001f1f7",
    "a flag of tags": "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e007f",
    "accents": "x\u0323\u0302",
    "Devanagari": "\u0915\u094d\u0937\u093f",
    "Thai": "\u0e01\u0e33",
    "Hangul of letters": "\u1112\u1161\u11ab",
    "a Hangul syllable and a letter": "\ud558\u11ab",
    "Arabic number sign": "\u0600\u0661",
    "half-width katakana": "\uff76\uff9e",
    "Chinese": "\u597d",
}


@pytest.mark.parametrize("character", CHARACTERS.values(), ids=CHARACTERS)
async def test_a_cut_is_between_characters_and_the_client_cuts_as_the_server_does(
    world: World, character: str
) -> None:
    text = "b" + character * 12
    whole = [0, *(found.end() for found in regex.finditer(r"\X", text))]
    cuts = await world.sql(
        "SELECT at_most, excerpt(%s, at_most) FROM generate_series(1, %s) AS at_most",
        *(text, len(text) + 1),
    )
    for at_most, cut in cuts:
        assert cut == text[: max(end for end in whole if end <= at_most)], at_most
        assert excerpt(text, at_most=at_most) == cut


async def test_a_character_without_end_is_cut(world: World) -> None:
    text = "a" + "\u0301" * 200
    ((cut,),) = await world.sql("SELECT excerpt(%s, 100)", text)
    assert cut == text[:100] == excerpt(text, at_most=100)


async def test_every_mark_of_unicode_stays_with_the_letter_before_it(world: World) -> None:
    everything = "".join(chr(code) for code in range(0x80, 0x110000) if not 0xD800 <= code < 0xE000)
    assigned = regex.findall(r"\P{Cn}", everything)
    clusters = regex.findall(r"\X", "".join(f"a{character}" for character in assigned))
    extending = {ord(cluster[1]) for cluster in clusters if cluster[0] == "a" and len(cluster) == 2}
    rows = await world.sql(
        "SELECT code FROM generate_series(128, 1114111) AS code WHERE extends_character(code)"
    )
    known = {code for (code,) in rows}
    assert extending <= known
    others = {code for code in known - extending if regex.match(r"[^\p{M}\p{Cn}]", chr(code))}
    assert others == set(), "no letter stays with the one before it"


async def test_quotes_are_cut_between_characters(
    group: Conversation, ada: Person, grace: Person
) -> None:
    text = "x" * 198 + FAMILY * 2
    message = await ada.send(group.id, text)
    reply = await grace.call(
        "send_message",
        {"conversation_id": group.id, "content": "yes", "reply_to": message["id"]},
    )
    assert reply.body["quoted"]["content"] == "x" * 198
    edit = {"version": 1, "content": "y" * 197 + FAMILY}
    assert (await ada.call("edit_message", edit, id=message["id"])).status == 200
    shown = await grace.call("show_message", id=reply.body["id"])
    assert shown.body["quoted"]["content"] == "y" * 197
    synced = await grace.call("sync_streams", {"cursors": {f"conv:{group.id}": 0}})
    quotes = [
        event["data"]["message"]["quoted"]["content"]
        for event in synced.body["streams"][f"conv:{group.id}"]["events"]
        if event["data"].get("message", {}).get("quoted")
    ]
    assert quotes == ["y" * 197]


async def test_lists_of_posts_and_reports_are_cut_between_characters(
    ada: Person, grace: Person
) -> None:
    forum = await new_forum(ada)
    post = await forum.post(grace, body="x" * 278 + FAMILY + "x" * 210 + FAMILY)
    (listed,) = (await forum.list_posts(ada)).body["items"]
    assert listed["excerpt"] == "x" * 278
    report: dict[str, Any] = {"target": {"kind": "post", "id": post["id"]}, "reason": "spam"}
    assert (await ada.call("file_report", report)).status == 201
    (case,) = (await forum.call(ada, "list_forum_reports")).body["items"]
    for text in (case["target"]["text"], case["reported"]["text"]):
        assert text == "x" * 278 + FAMILY + "x" * 210
