"""Every text of a request is checked in the same way, whichever endpoint reads it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.feature.forum import new_forum, new_slug
from tests.feature.world import Answer, Person, World

SOME_ID = str(uuid4())
DRAFT = {"title": "Tea", "nonce": "n"}
POLL = {**DRAFT, "kind": "poll"}
WARNING = {"user_id": SOME_ID, "nonce": "n"}

ONE_LINE: dict[str, tuple[str, dict[str, Any], str]] = {
    "display name": ("change_me", {}, "display_name"),
    "group": ("start_conversation", {"kind": "group", "members": []}, "name"),
    "renamed group": ("change_conversation", {}, "name"),
    "forum": ("create_forum", {"slug": "tea-house"}, "name"),
    "renamed forum": ("change_forum", {}, "name"),
    "tag of a forum": ("change_forum", {}, "tags.0"),
    "title": ("create_post", {}, "title"),
    "edited title": ("edit_post", {"version": 1}, "title"),
    "tag": ("create_post", DRAFT, "tags.0"),
    "poll option": ("create_post", POLL, "poll.options.0"),
    "word of a filter": ("change_filters", {}, "words.0"),
    "domain of a filter": ("change_filters", {}, "domains.0"),
    "link": ("create_post", {**DRAFT, "kind": "link"}, "url"),
}
MANY_LINES: dict[str, tuple[str, dict[str, Any], str]] = {
    "message": ("send_message", {"conversation_id": SOME_ID}, "content"),
    "edited message": ("edit_message", {"version": 1}, "content"),
    "comment": ("create_comment", {}, "body"),
    "warning": ("warn_user", WARNING, "reason"),
    "appeal": ("make_appeal", {"against": {"kind": "post", "id": SOME_ID}}, "content"),
}
MAY_BE_EMPTY: dict[str, tuple[str, dict[str, Any], str]] = {
    "bio": ("change_me", {}, "bio"),
    "edited comment": ("edit_comment", {"version": 1}, "body"),
    "body of a post": ("create_post", DRAFT, "body"),
    "description": ("create_forum", {"slug": "tea-house", "name": "Tea"}, "description"),
    "rules": ("change_forum", {}, "rules"),
    "note of a report": (
        "file_report",
        {"target": {"kind": "post", "id": SOME_ID}, "reason": "spam"},
        "note",
    ),
    "reason of a ban": ("ban_user", {}, "reason"),
    "reason of a removal": ("remove_post", {}, "reason"),
}
TEXTS = ONE_LINE | MANY_LINES | MAY_BE_EMPTY
UNSEEN = ("\u200b", "\u2060", "\u3164", "\u2800", "", " \u00a0\u3000", "\u00ad\ufe0f")
OUT_OF_LINE = {
    "\u202e": "bidi_control",
    "\u2066": "bidi_control",
    "\n": "line_break",
    "\u2028": "line_break",
    "\x1b": "control_character",
    "\0": "control_character",
    "\x9b": "control_character",
}


async def sent(person: Person, field: str, value: str) -> Answer:
    """The answer to a request that has this value in the field."""
    function, body, path = TEXTS[field]
    first, *rest = path.split(".")
    inner: Any = value
    for step in reversed(rest):
        inner = [inner, *(["another"] if first == "poll" else [])] if step == "0" else {step: inner}
    places = {"id": SOME_ID, "slug": "no-such-forum", "user_id": SOME_ID}
    return await person.call(function, {**body, first: inner}, **places)


def codes(answer: Answer) -> dict[str, str]:
    assert answer.refusal == (422, "validation_failed"), answer
    return {error["field"]: error["code"] for error in answer.body["errors"]}


@pytest.mark.parametrize("field", ONE_LINE | MANY_LINES)
async def test_a_text_that_nobody_can_see_is_blank(ada: Person, field: str) -> None:
    path = TEXTS[field][2]
    for value in UNSEEN:
        assert codes(await sent(ada, field, value)) == {path: "blank"}, ascii(value)


@pytest.mark.parametrize("field", ONE_LINE)
async def test_a_name_has_one_line_and_no_direction_of_its_own(ada: Person, field: str) -> None:
    path = TEXTS[field][2]
    for mark, code in OUT_OF_LINE.items():
        found = codes(await sent(ada, field, f"http://a{mark}b"))
        assert found == {path: code}, ascii(mark)


@pytest.mark.parametrize("field", MANY_LINES | MAY_BE_EMPTY)
async def test_a_body_has_no_control_characters(ada: Person, field: str) -> None:
    path = TEXTS[field][2]
    for mark in ("\0", "\x1b", "\x0c", "\x7f", "\x9b"):
        found = codes(await sent(ada, field, f"a{mark}b"))
        assert found == {path: "control_character"}, ascii(mark)


@pytest.mark.parametrize("field", TEXTS)
async def test_a_flood_of_marks_is_refused(ada: Person, field: str) -> None:
    found = codes(await sent(ada, field, "http://z" + "\u0301" * 30))
    assert found == {TEXTS[field][2]: "combining_marks"}


@pytest.mark.parametrize("field", TEXTS)
async def test_half_a_surrogate_pair_is_refused(ada: Person, field: str) -> None:
    assert codes(await sent(ada, field, "a\ud800")) == {TEXTS[field][2]: "string_unicode"}


async def test_a_search_for_nothing_that_can_be_seen_is_blank(ada: Person) -> None:
    answer = await ada.call("list_forums", query="q=%E2%80%8B")
    assert codes(answer) == {"q": "blank"}


async def test_a_text_is_stored_composed_and_without_white_space_around_it(ada: Person) -> None:
    forum = await new_forum(ada)
    draft = {
        "title": " Cafe\u0301\u200b ",
        "body": "\n\nfirst\r\nsecond \n",
        "tags": [" te\u0301 "],
    }
    post = (await ada.call("create_post", draft, slug=forum.slug)).body
    assert (post["title"], post["body"], post["tags"]) == ("Café", "first\nsecond", ["té"])
    me = (await ada.call("change_me", {"display_name": "\u3000Ada\u200f ", "bio": "\u200b"})).body
    assert (me["display_name"], me["bio"]) == ("Ada", "")


@pytest.mark.parametrize("other", ["A ", "a", "\u200bA", "A\u2060", "A\ufe0f"])
async def test_options_and_tags_that_look_the_same_are_one(ada: Person, other: str) -> None:
    poll = await sent_draft(ada, poll={"options": ["A", other]}, kind="poll")
    assert codes(poll) == {"poll.options": "value_error"}
    assert codes(await sent_draft(ada, tags=["A", other])) == {"tags": "value_error"}
    forum = {"slug": new_slug(), "name": "Tea", "tags": ["A", other]}
    assert codes(await ada.call("create_forum", forum)) == {"tags": "value_error"}


async def sent_draft(person: Person, **fields: object) -> Answer:
    return await person.call("create_post", {**DRAFT, **fields}, slug="any-forum")


async def test_a_tag_is_found_in_each_form_that_it_is_typed_in(ada: Person) -> None:
    forum = await new_forum(ada, tags=["Café"])
    draft = {"title": "Tea", "tags": ["CAFE\u0301 "]}
    post = await ada.call("create_post", draft, slug=forum.slug)
    assert post.body["tags"] == ["Café"]
    listed = await ada.call("list_posts", slug=forum.slug, query="tag=Cafe%CC%81%20")
    assert [each["id"] for each in listed.body["items"]] == [post.body["id"]]


async def test_the_length_of_a_name_is_counted_in_visible_characters(ada: Person) -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    longest = await ada.call("change_me", {"display_name": family * 64})
    assert longest.body["display_name"] == family * 64
    for name in (family * 65, "x" * 65, "\U0001f441" + "\u200d\U0001f441" * 400):
        answer = await ada.call("change_me", {"display_name": name})
        assert codes(answer) == {"display_name": "string_too_long"}


async def test_a_forum_with_the_longest_name_is_no_obstacle_in_a_list(ada: Person) -> None:
    name = "\U0010fffe\U0001f469\u200d\U0001f467"
    for number in range(2):
        await new_forum(ada, name=f"{name * 31}{number}", visibility="private")
    page = await ada.call("list_forums", query="sort=name&mine=true&limit=1")
    query = f"sort=name&mine=true&limit=1&cursor={page.body['next']}"
    rest = await ada.call("list_forums", query=query)
    assert [forum["name"][-1] for forum in page.body["items"] + rest.body["items"]] == ["0", "1"]


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (" My\t phone ", "My phone"),
        ("Zo\u00eb's T\u00e9l\u00e9 \U0001f4fa", "Zo\u00eb's T\u00e9l\u00e9 \U0001f4fa"),
        ("Zo\u00eb \U0001f4fa".encode().decode("latin-1"), "Zo\u00eb \U0001f4fa"),
        ("Zo\u00eb", "Zo\u00eb"),  # as latin-1 it is not UTF-8
        ("\u200b\u2060", ""),
        ("a\u202eb\x00c\x1b[31m", "ab c [31m"),
        (
            "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 201,
            "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 200,
        ),
        ("x" * 300, "x" * 200),
    ],
    ids=lambda text: ascii(text)[:30],
)
async def test_the_name_of_a_device_is_shown_without_what_cannot_be_shown(
    world: World, user_agent: str, device: str
) -> None:
    name = f"device-{uuid4().hex[:8]}"
    draft = {"username": name, "email": f"{name}@example.org", "password": "correct horse battery"}
    answer = await world.call("register", draft, headers={"user-agent": user_agent})
    person = world.signed_in(answer.body)
    (session,) = (await person.call("list_sessions")).body["items"]
    assert session["device"] == device
