"""R21: cursors expired, forged, truncated or another's: an explicit answer, no gap, no leak."""

from __future__ import annotations

import base64
import json
import random
import string
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cgraph.core.pagination import encode_cursor
from cgraph_local.api_documents.inventory import HttpFunction, http_functions
from cgraph_local.core.home import CHECKOUT
from tests.conftest import Report, Size
from tests.person import PASSWORD, Person
from tests.system import System

ALPHABET = string.ascii_letters + string.digits + "-_"
INVALID = {"400 invalid_cursor", "422 validation_failed"}
ODD: tuple[Any, ...] = (
    *(0, -1, 2**31, 2**63, -(2**63), 2**64, 2**200, True, None, 1.5, [], {}),
    *("", "before", "after", "sideways", "\0", "\ud800", "x" * 150, "0", "-infinity", "nan"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-23", "2026-13-45"),
    *("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
)


IN_FORUMS: Mapping[str, str] = {
    "/forums": "forums:{me}:activity:True:None",
    "/forums?sort=name": "forums:{me}:name:True:None",
    "/forums/{slug}/members": "forum_members:{forum}:False",
    "/forums/{slug}/posts?sort=new": "posts:{slug}:new:",
    "/forums/{slug}/posts?sort=hot": "posts:{slug}:hot:",
    "/forums/{slug}/posts?sort=top&time=day": "posts:{slug}:top day:",
    "/forums/{slug}/reports": "reports:{forum}:open",
    "/forums/{slug}/bans": "bans:{forum}",
    "/forums/{slug}/appeals": "appeals:{forum}:open",
    "/forums/{slug}/audit": "audit:{forum}",
    "/posts/{post}/comments?sort=new": "comments:{post}:new",
    "/posts/{post}/comments?sort=best": "comments:{post}:best",
    "/posts/{post}/versions": "versions:{post}",
    "/reports": "reports:{me}:open",
}
"""Each list there, tried in test_r21_bad_cursors_in_forums.py, and what binds its cursors to it."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list as one person has it. `cursors[n]` is what the page that ends with the n-th item
    gave; `scope` is what binds them to the list.
    """

    path: str
    scope: str
    items: Sequence[str]
    cursors: Sequence[str]


@dataclass(frozen=True, slots=True)
class Bad:
    """`place`: of the item after which the cursor, had it not been spoilt, goes on. `may_be_good`:
    its check is right, so it is a place in one's own list if it is any.
    """

    kind: str
    cursor: str
    place: int | None = None
    may_be_good: bool = False


def test_every_list_with_a_cursor_is_tried() -> None:
    found = {
        function.route.path_format
        for function in http_functions(CHECKOUT / "functions")
        if "cursor" in asked_of(function)
    }
    some_id = "0"
    tried = {path.replace(some_id, "{id}") for path in paths(some_id)}
    assert found == tried | {path.partition("?")[0].replace("{post}", "{id}") for path in IN_FORUMS}


def asked_of(function: HttpFunction) -> set[str]:
    """In the query, where it is a model its fields."""
    names = set[str]()
    for param in function.route.dependant.query_params:
        fields = getattr(param.field_info.annotation, "model_fields", None)
        names |= {param.name} if fields is None else fields.keys()
    return names


async def test_bad_cursors_are_refused_by_name(system: System, size: Size, report: Report) -> None:
    dice, outcomes = random.Random(21), Counter[str]()
    ada, conversation, theirs = await furnish(system)
    own = [await read_all(ada, path) for path in paths(conversation)]
    for listing in own:
        foreign = [
            cursor for each in (*own, *theirs) if each is not listing for cursor in each.cursors
        ]
        for bad in bad_cursors(listing, dice, foreign=foreign, number=size(12, 60)):
            outcomes[await tried(ada, listing, bad)] += 1
        await numbers_are_checked(ada, listing)
    report("R21 bad cursors", lists=len(own), cursors=outcomes.total(), **outcomes)


async def test_a_cursor_outlives_its_item(system: System) -> None:
    ada, conversation, _ = await furnish(system)
    for path, remove in removals(ada, conversation).items():
        before = await read_all(ada, path)
        method, url = remove(before.items[1])
        answer = await ada.ask(method, url)
        assert answer.is_success, f"{method} {url}: {answer.text}"
        rest = await ada.get(path, cursor=before.cursors[1], limit=100)
        assert [item["id"] for item in rest["items"]] == before.items[2:], path


def paths(conversation: str) -> list[str]:
    return [
        "/conversations",
        f"/conversations/{conversation}/messages",
        "/me/blocks",
        "/auth/sessions",
    ]


def removals(person: Person, conversation: str) -> dict[str, Callable[[str], tuple[str, str]]]:
    """How an item leaves its list, or is emptied."""
    history = f"/conversations/{conversation}/messages"
    return {
        "/conversations": lambda id: ("DELETE", f"/conversations/{id}/members/{person.id}"),
        history: lambda id: ("DELETE", f"/messages/{id}"),
        "/me/blocks": lambda id: ("DELETE", f"/me/blocks/{id}"),
        "/auth/sessions": lambda id: ("DELETE", f"/auth/sessions/{id}"),
    }


async def furnish(system: System) -> tuple[Person, str, list[Listing]]:
    """Somebody with four of everything, one of her conversations, and another person's lists."""
    ada, bob = await system.new_person("ada"), await system.new_person("bob")
    people = await system.people(4)
    conversations = []
    for person in (ada, bob):
        conversations.append(await person.start())
        for number in range(4):
            assert (await person.send(conversations[-1], str(number))).is_success
            assert (await person.ask("PUT", f"/me/blocks/{people[number].id}")).is_success
        for _ in range(3):
            await person.start()
    account = {"login": ada.username, "password": PASSWORD}
    for _ in range(3):
        assert (await ada.http.post("/auth/login", json=account)).is_success
    theirs = [await read_all(bob, path) for path in paths(conversations[1])]
    return ada, conversations[0], theirs


async def read_all(person: Person, path: str) -> Listing:
    """One by one, which gives the same as all at once."""
    items, cursors = [], []
    page = await person.get(path, limit=1)
    while page["next"] is not None:
        items += [item["id"] for item in page["items"]]
        cursors.append(page["next"])
        page = await person.get(path, limit=1, cursor=cursors[-1])
    items += [item["id"] for item in page["items"]]
    assert items == [item["id"] for item in (await person.get(path, limit=100))["items"]]
    return Listing(path, scope_of(path, person), items, cursors)


def scope_of(path: str, person: Person) -> str:
    if path.endswith("/messages"):
        return f"history:{path.split('/')[2]}"
    return f"{path.rpartition('/')[2]}:{person.id}"


def bad_cursors(
    listing: Listing, dice: random.Random, *, foreign: Sequence[str], number: int
) -> Iterator[Bad]:
    for cursor in foreign:
        yield Bad("another list's", cursor)
    for cursor in ("", "=", "null", "\0", "ß", "a" * 300, "a" * 301, "a" * 4000, "AAAAAAAAW10"):
        yield Bad("made up", cursor)
    for _ in range(number):
        place = dice.randrange(len(listing.cursors))
        good = listing.cursors[place]
        at = dice.randrange(len(good))
        yield Bad("truncated", good[:at])
        yield Bad("longer", good + dice.choice(ALPHABET), place)
        yield Bad("changed", good[:at] + dice.choice(ALPHABET) + good[at + 1 :], place)
        forged = encode_cursor(listing.scope, *odd_values(good, dice))
        yield Bad("forged", forged, may_be_good=True)


def odd_values(good: str, dice: random.Random) -> list[Any]:
    """In the place of those that a cursor has; usually of the same type, so that they are read."""
    values = json.loads(base64.urlsafe_b64decode(good + "=" * (-len(good) % 4))[6:])
    if dice.random() < 0.2:
        return dice.choices(ODD, k=dice.randrange(4))
    alike = ([one for one in ODD if type(one) is type(value)] for value in values)
    return [
        dice.choice((value, dice.choice(odd))) for value, odd in zip(values, alike, strict=True)
    ]


async def tried(person: Person, listing: Listing, bad: Bad) -> str:
    answer = await person.ask("GET", listing.path, limit=100, cursor=bad.cursor)
    said = f"{listing.path} with one {bad.kind}, {bad.cursor!r}: {answer.status_code} {answer.text}"
    if not answer.is_success:
        outcome = f"{answer.status_code} {answer.json()['code']}"
        assert outcome in INVALID, said
        return outcome
    items = [item["id"] for item in answer.json()["items"]]
    if bad.may_be_good:
        assert items in (ends_of(listing.items) + ends_of(listing.items[::-1])), said
        return "a place in one's own list"
    assert bad.place is not None, said
    assert items == listing.items[bad.place + 1 :], said
    return "the same cursor"


def ends_of(items: Sequence[str]) -> list[list[str]]:
    return [list(items[place:]) for place in range(len(items) + 1)]


async def numbers_are_checked(person: Person, listing: Listing) -> None:
    for name, value in (("limit", 0), ("limit", 101), ("limit", -1), ("limit", "x")):
        answer = await person.ask("GET", listing.path, **{name: value})
        assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    if listing.path.endswith("/messages"):
        for value in (-1, 2**63, "x", "1.5"):
            for name in ("before", "after"):
                answer = await person.ask("GET", listing.path, **{name: value})
                assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
