"""GET /search, on the engine in Postgres."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from cgraph.search.models import SearchPage
from tests.feature.forum import Thread, new_forum
from tests.feature.search.indexing import index
from tests.feature.world import Answer, Person, World


async def search(person: Person, q: str | None = None, **parameters: Any) -> Answer:
    fields = {name.rstrip("_"): value for name, value in parameters.items()}
    query = urlencode({**({} if q is None else {"q": q}), **fields}, doseq=True)
    return await person.call("search_documents", query=query)


async def found(person: Person, q: str | None = None, **parameters: Any) -> list[str]:
    """Ids, in the order of the page."""
    answer = await search(person, q, **parameters)
    assert answer.status == 200, answer
    return [hit["id"] for hit in answer.body["items"]]


def marked(text: str, ranges: list[list[int]]) -> list[str]:
    return [text[start:end] for start, end in ranges]


@pytest.fixture
def word() -> str:
    """That occurs nowhere else."""
    return f"w{uuid4().hex[:10]}"


async def test_each_kind_is_found_as_the_api_shows_it(
    world: World, ada: Person, grace: Person, word: str
) -> None:
    forum = await new_forum(ada, name=f"The {word} forum")
    post = await forum.post(ada, title=f"About {word}", body="Tea.")
    comment = await Thread(world, forum, post["id"]).comment(grace, f"More {word}.")
    message = await ada.send(await ada.converse(grace), f"{word} again")
    await ada.call("change_me", {"bio": f"Likes {word}"})
    await index(world)
    answer = await search(grace, word)

    assert answer.status == 200, answer
    assert SearchPage.model_validate(answer.body).model_dump(mode="json") == answer.body
    hits = {hit["type"]: hit for hit in answer.body["items"]}
    assert {type: hit["id"] for type, hit in hits.items()} == {
        "forum": forum.id,
        "post": post["id"],
        "comment": comment["id"],
        "message": message["id"],
        "user": ada.id,
    }
    assert answer.body["total"] == {"count": 5, "at_least": False}
    shown = await grace.call("show_post", id=post["id"])
    assert hits["post"]["post"] == shown.body
    assert hits["message"]["message"]["content"] == f"{word} again"
    assert hits["user"]["user"]["bio"] == f"Likes {word}"
    for type, field in (("post", "title"), ("comment", "body"), ("message", "content"),
                        ("forum", "name"), ("user", "bio")):  # fmt: skip
        assert list(hits[type]["highlights"]) == [field]
        assert marked(hits[type][type][field], hits[type]["highlights"][field]) == [word]


async def test_highlights_are_ranges_of_the_text_that_is_shown(
    world: World, ada: Person, word: str
) -> None:
    notes = await ada.converse(ada)
    texts = {
        f"{word} kettles 🍵 and Kettle's": ("kettle", ["kettles", "Kettle's"]),
        f"{word} 🇫🇷 Café cafe\u0301s CAFÉ": ("cafe", ["Café", "cafés", "CAFÉ"]),
        f"{word} 東京都庁舎は東京に": ("東京", ["東京", "東京"]),
        f"{word} <b>teapot</b> \u202eteapots": ("teap", ["teapot", "teapots"]),
        f"{word} ``` [goose](https://goose.example) neck": (
            "goose neck",
            ["goose", "goose", "neck"],
        ),
    }
    sent = {text: await ada.send(notes, text) for text in texts}
    await index(world)
    for text, (query, expected) in texts.items():
        answer = await search(ada, f"{word} {query}", sort="newest")
        hit = next(hit for hit in answer.body["items"] if hit["id"] == sent[text]["id"])
        marks = marked(hit["message"]["content"], hit["highlights"]["content"])
        assert marks[1:] == expected, (query, marks)


async def test_filters_in_the_text_and_as_parameters(
    world: World, ada: Person, grace: Person, word: str
) -> None:
    forum, other = await new_forum(ada), await new_forum(ada)
    mine = await forum.post(ada, title=word, body="`code`", tags=["Iced Tea"])
    theirs = await other.post(grace, title=word)
    message = await ada.send(await ada.converse(grace), f"{word} https://example.org")
    await index(world)

    assert set(await found(ada, word)) == {mine["id"], theirs["id"], message["id"]}
    for q, parameters, expected in (
        (f"{word} from:me", {}, {mine["id"], message["id"]}),
        (f"{word} -from:me", {}, {theirs["id"]}),
        (word, {"from": grace.username}, {theirs["id"]}),
        (f"{word} in:{forum.slug}", {}, {mine["id"]}),
        (word, {"in": message["conversation_id"]}, {message["id"]}),
        (word, {"in": other.id, "type": "post"}, {theirs["id"]}),
        (f"{word} has:link has:code", {}, {mine["id"], message["id"]}),
        (word, {"has": ["link"]}, {message["id"]}),
        (f"{word} type:post", {"type": ["message"]}, set()),
        (f'{word} tag:"iced tea"', {}, {mine["id"]}),
        (word, {"tag": "ICED TEA"}, {mine["id"]}),
        (f"{word} is:unanswered", {"from": "me"}, {mine["id"]}),
        (f"{word} is:answered", {}, set()),
        (f"{word} before:2001", {}, set()),
        (word, {"after": "2001-01-01T00:00:00Z", "type": "message"}, {message["id"]}),
        (None, {"in": forum.slug}, {mine["id"], forum.id}),
    ):
        assert set(await found(ada, q, **parameters)) == expected, (q, parameters)


async def test_what_does_not_exist_is_answered_as_what_one_may_not_see(
    world: World, ada: Person, grace: Person, eve: Person, word: str
) -> None:
    forum = await new_forum(ada, visibility="private")
    await forum.post(ada, title=word)
    conversation = await ada.converse(grace)
    await ada.send(conversation, word)
    await index(world)

    nothing = (await search(eve, f"{word} in:no-such-forum")).body
    assert nothing["items"] == [] and nothing["total"] == {"count": 0, "at_least": False}
    for q in (f"{word} in:{forum.slug}", f"{word} in:{conversation}", f"{word} from:{ada.username}",
              f"{word} from:no-such-user", word):  # fmt: skip
        assert (await search(eve, q, facets=["type", "place"])).body | {"facets": {}} == nothing


async def test_what_is_gone_is_not_shown_before_the_index_knows(
    world: World, ada: Person, grace: Person, word: str
) -> None:
    conversation = await ada.converse(grace)
    messages = [await ada.send(conversation, f"{word} {number}") for number in range(4)]
    await index(world)
    await ada.call("delete_message", id=messages[3]["id"])
    first = (await search(grace, word, sort="newest", limit=2)).body

    assert [hit["id"] for hit in first["items"]] == [messages[2]["id"]]
    second = (await search(grace, word, sort="newest", limit=2, cursor=first["next"])).body
    assert [hit["id"] for hit in second["items"]] == [messages[1]["id"], messages[0]["id"]]
    assert second["next"] is None
    await index(world)
    assert (await search(grace, word)).body["total"]["count"] == 3


async def test_facets_count_what_the_caller_may_read(
    world: World, ada: Person, grace: Person, word: str
) -> None:
    forum = await new_forum(ada)
    secret = await new_forum(ada, visibility="private")
    for place in (forum, forum, secret):
        await place.post(ada, title=word, tags=["tea"])
    await index(world)
    answer = await search(grace, word, facets=["type", "place", "tag", "author"])

    assert answer.body["facets"] == {
        "type": [{"value": "post", "count": 2}],
        "place": [{"value": forum.id, "count": 2}],
        "tag": [{"value": "tea", "count": 2}],
        "author": [{"value": ada.id, "count": 2}],
    }


async def test_a_misspelt_word_is_corrected(world: World, ada: Person, word: str) -> None:
    message = await ada.send(await ada.converse(ada), f"{word} earthenware{word}")
    await index(world)
    answer = await search(ada, f"earthenwere{word} ")

    assert [hit["id"] for hit in answer.body["items"]] in ([message["id"]], [])
    if answer.body["items"]:
        assert answer.body["corrected"] == [f"earthenware{word}"]


async def test_an_emoji_alone_is_found(world: World, ada: Person) -> None:
    message = await ada.send(await ada.converse(ada), "Now:🫖!")
    await index(world)
    (hit,) = (await search(ada, "🫖")).body["items"]
    assert hit["id"] == message["id"]
    assert marked(hit["message"]["content"], hit["highlights"]["content"]) == ["🫖"]


@pytest.mark.parametrize(
    ("parameters", "refusal"),
    [
        ({}, "nothing_to_search"),
        ({"q": "… !?"}, "nothing_to_search"),
        ({"q": "tea has:cheese"}, "invalid_search_filter"),
        ({"q": "tea before:soon"}, "invalid_search_filter"),
        ({"q": "a " * 41 + "b"}, "search_too_complex"),
        ({"q": "tea", "type": "book"}, "validation_failed"),
        ({"q": "tea", "limit": 51}, "validation_failed"),
        ({"q": "a" * 3000}, "validation_failed"),
        ({"q": "tea", "colour": "blue"}, "unknown_field"),
        ({"q": "tea", "cursor": "forged"}, "invalid_cursor"),
    ],
)
async def test_what_cannot_be_searched_is_refused(
    ada: Person, parameters: dict[str, Any], refusal: str
) -> None:
    assert (await search(ada, **parameters)).refusal[1] == refusal


async def test_a_cursor_is_of_one_search_of_one_user(
    world: World, ada: Person, grace: Person, word: str
) -> None:
    conversation = await ada.converse(grace)
    for number in range(3):
        await ada.send(conversation, f"{word} {number}")
    await index(world)
    cursor = (await search(ada, word, limit=1)).body["next"]

    assert (await search(ada, word, limit=2, cursor=cursor)).status == 200
    assert (await search(grace, word, cursor=cursor)).refusal == (400, "invalid_cursor")
    assert (await search(ada, f"{word} 1", cursor=cursor)).refusal == (400, "invalid_cursor")
    assert (await search(ada, word, sort="newest", cursor=cursor)).refusal[1] == "invalid_cursor"
