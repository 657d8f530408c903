"""R21: cursors that are expired, forged, truncated or those of another list are refused by name, or
continue the caller's own list: no 5xx, no gap, no item of another list."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import string
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from cgraph.core.pagination import encode_cursor
from cgraph_local.api_documents.inventory import HttpFunction, http_functions
from cgraph_local.core.home import CHECKOUT
from tests.conftest import Report, Size
from tests.person import Document, Person
from tests.proofs.forum_scene import new_slug
from tests.proofs.route_cases import UPLOAD
from tests.system import System

ALPHABET = string.ascii_letters + string.digits + "-_"
REFUSALS = {"400 invalid_cursor", "422 validation_failed"}
EXPIRED = "400 cursor_expired"
LEAST_ITEMS = 3
ALL = "20"
"""A limit that is above the length of each list here, and that each of them allows."""

INVALID_LIMITS = ("0", "101", "-1", "x")
INVALID_SEQS = ("-1", str(2**63), "x", "1.5")
REPLACEMENTS: tuple[Any, ...] = (
    *(0, -1, 2**31, 2**63, -(2**63), 2**64, 2**200, True, None, 1.5, [], {}),
    *("", "before", "after", "sideways", "\0", "\ud800", "x" * 150, "0", "-infinity", "nan"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-23", "2026-13-45"),
    *("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
)
"""Of the values in a cursor."""

USER_LISTS: Mapping[str, str] = {
    "/search?in={conversation}&sort=newest": "search:{me}:place={conversation}&sort=newest",
    "/conversations": "conversations:{me}:False:None",
    "/conversations?unread=true": "conversations:{me}:True:None",
    "/conversations?muted=true": "conversations:{me}:False:True",
    "/conversations/{conversation}/members": "members:{conversation}",
    "/conversations/{conversation}/messages": "history:{conversation}",
    "/messages/{message}/replies": "replies:{message}",
    "/messages/{message}/reactions/👍": "reactions:{message}:👍",
    "/messages/{message}/versions": "message_versions:{message}",
    "/me/blocks": "blocks:{me}",
    "/me/contacts?state=requested": "contacts:{me}:requested",
    "/auth/sessions": "sessions:{me}",
    "/me/invitations": "invitations:{me}",
    "/notifications": "notifications:{me}:False:False",
    "/notifications?mentions=true": "notifications:{me}:False:True",
    "/me/follows": "follows:{me}:",
    "/uploads": "uploads:{me}",
}
FORUM_LISTS: Mapping[str, str] = {
    "/forums?mine=true": "forums:{me}:activity:True:None",
    "/forums?sort=name&mine=true": "forums:{me}:name:True:None",
    "/forums/{slug}/members": "forum_members:{forum}:False",
    "/forums/{slug}/posts?sort=new": "posts:{slug}:new:",
    "/forums/{slug}/posts?sort=hot": "posts:{slug}:hot:",
    "/forums/{slug}/posts?sort=top&time=day": "posts:{slug}:top day:",
    "/forums/{slug}/reports": "reports:{forum}:open",
    "/forums/{slug}/bans": "bans:{forum}",
    "/forums/{slug}/appeals": "appeals:{forum}:open",
    "/forums/{slug}/audit": "audit:{forum}",
    "/forums/{slug}/requests": "requests:{forum}",
    "/posts/{post}/comments?sort=new": "comments:{post}:new",
    "/posts/{post}/comments?sort=best": "comments:{post}:best",
    "/posts/{post}/versions": "versions:{post}",
    "/reports": "reports:{me}:open",
}
"""Each list, and what binds its cursors to it."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list as one person has it. `items`: their ids, or all of an item that has none.
    `cursors[n]`: of the page that ends with item n. `scope`: what binds them to the list.
    """

    path: str
    scope: str
    items: Sequence[str]
    cursors: Sequence[str]


Filled = tuple[Person, list[Listing], list[Listing]]
"""A person, their lists, and those of somebody else."""


@dataclass(frozen=True, slots=True)
class BadCursor:
    """`place`: of the item after which the cursor continued before it was changed. `is_checked`:
    its checksum is right, so it is a position in the caller's own list if it is one at all.
    """

    kind: str
    cursor: str
    place: int | None = None
    is_checked: bool = False


def test_every_list_with_a_cursor_is_tried() -> None:
    listed = {
        function.route.path_format
        for function in http_functions(CHECKOUT / "functions")
        if "cursor" in query_fields(function)
    }
    paths = {path.partition("?")[0] for path in (*USER_LISTS, *FORUM_LISTS)}
    names = {"{conversation}": "{id}", "{post}": "{id}", "{message}": "{id}", "👍": "{emoji}"}
    for name, parameter in names.items():
        paths = {path.replace(name, parameter) for path in paths}
    assert listed == paths


def query_fields(function: HttpFunction) -> set[str]:
    """Those of a model that takes the whole query, too."""
    names = set[str]()
    for param in function.route.dependant.query_params:
        fields = getattr(param.field_info.annotation, "model_fields", None)
        names |= {param.name} if fields is None else fields.keys()
    return names


@pytest.mark.parametrize(
    ("lists", "foreign_each", "changed_each"),
    [(USER_LISTS, 6, 4), (FORUM_LISTS, 3, 2)],
    ids=["lists of a user", "lists of a forum"],
)
async def test_a_bad_cursor_is_refused_or_continues_the_own_list(
    lists: Mapping[str, str],
    foreign_each: int,
    changed_each: int,
    account: Filled,
    system: System,
    size: Size,
    report: Report,
) -> None:
    """`foreign_each`: how many other lists of the caller a cursor is tried in, next to the same
    list of somebody else.
    """
    dice, outcomes, wrong = random.Random(21), Counter[str](), list[str]()
    filled = account if lists is USER_LISTS else await fill_forum(system)
    person, listings, foreign_listings = filled
    for place, listing in enumerate(listings):
        others = [each for each in (*listings, *foreign_listings) if each is not listing]
        foreign = [cursor for each in others for cursor in each.cursors]
        alike = [cursor for each in foreign_listings[place : place + 1] for cursor in each.cursors]
        some = dice.sample(foreign, k=min(len(foreign), size(foreign_each, 1000)))
        some += alike[: size(1, 0)]
        for bad in bad_cursors(listing, dice, foreign=some, number=size(changed_each, 60)):
            outcome, problem = await try_cursor(person, listing, bad)
            outcomes[outcome] += 1
            wrong += [problem] if problem else []
        await check_numbers(person, listing)
    report("R21 bad cursors", lists=len(listings), cursors=outcomes.total(), **outcomes)
    assert not wrong, "\n".join(wrong[:20])


async def test_a_cursor_stays_valid_when_its_item_is_deleted(account: Filled) -> None:
    ada, listings, _ = account
    for listing in listings:
        method, path, body = deletion_of(listing.items[1], listing.path, ada)
        await ada.request_json(method, path, body=body)
        rest = await get(ada, listing.path, cursor=listing.cursors[1], limit=ALL)
        assert identities(rest["items"]) == listing.items[2:], listing.path


def deletion_of(id: str, path: str, person: Person) -> tuple[str, str, Document | None]:
    """The request by which an item leaves its list, or a message becomes empty. A reaction of
    somebody else and a version do not leave theirs, and a notification is only read.
    """
    if path.endswith(("/messages", "/replies")) or path.startswith("/search"):
        return "DELETE", f"/messages/{id}", None
    if path.endswith(("/versions", "👍")):
        return "GET", path, None
    if path.endswith("?unread=true"):
        return "PUT", f"/conversations/{id}/read", {"seq": 0}
    if path.endswith("?muted=true"):
        return "DELETE", f"/conversations/{id}/mute", None
    if path.startswith("/notifications"):
        return "PUT", "/notifications/read", {"ids": [id]}
    if path.startswith("/me/contacts"):
        return "DELETE", f"/me/contacts/{id}", None
    if path == "/me/follows":
        return "DELETE", f"/me/follows/post/{id}", None
    member = f"/members/{person.id}" if path == "/conversations" else ""
    return "DELETE", f"{path}/{id}{member}", None


@pytest.fixture(scope="module")
async def account(system: System) -> Filled:
    """For the test that only reads, and then for the one that deletes."""
    return await fill_account(system)


async def fill_account(system: System) -> Filled:
    """A person with four items in each list, their lists, and those of another person."""
    everybody, listings = await system.people(8), list[list[Listing]]()
    people, asked = everybody[:4], everybody[4:]
    ada, bob = await system.new_person("ada"), await system.new_person("bob")
    for person, other in ((ada, bob), (bob, ada)):
        await mention(person, author=other)
    for person in (ada, bob):
        for _ in range(3):
            quiet = await person.start_conversation()
            await person.request_json("PUT", f"/conversations/{quiet}/unread")
            await person.request_json("PUT", f"/conversations/{quiet}/mute")
        conversation = await person.start_conversation(*people)
        message = await fill_message(person, conversation, people)
        for number in range(4):
            await person.request_json("PUT", f"/me/blocks/{people[number].id}")
            await person.request_json("PUT", f"/me/contacts/{asked[number].id}")
        for _ in range(4):
            await person.request_json("POST", "/me/invitations", body={"note": "a friend"})
        for _ in range(3):
            await person.start_conversation()
            await person.log_in()
        for _ in range(4):
            await person.request_json("POST", "/uploads", body=UPLOAD)
        names = {"conversation": conversation, "message": message, "me": person.id}
        listings.append([await read_listing(person, path, names) for path in USER_LISTS])
    return ada, listings[0], listings[1]


async def mention(person: Person, *, author: Person) -> None:
    """In posts, each of which makes a notification; the author follows them."""
    slug = new_slug()
    await author.request_json("POST", "/forums", body={"slug": slug, "name": "Forum"})
    for number in range(LEAST_ITEMS + 1):
        draft = {"title": f"Post {number}", "body": f"@{person.username}"}
        await author.request_json("POST", f"/forums/{slug}/posts", body=draft)


async def fill_message(author: Person, conversation: str, others: Sequence[Person]) -> str:
    """A message with replies, reactions and versions."""
    message = (await author.send_message(conversation, "first")).json()["id"]
    for number, other in enumerate(others, start=1):
        draft = {"conversation_id": conversation, "content": str(number), "reply_to": message}
        await author.request_json("POST", "/messages", body=draft)
        await other.request_json("PUT", f"/messages/{message}/reactions/👍")
        edit = {"content": f"edited {number}", "version": number}
        await author.request_json("PATCH", f"/messages/{message}", body=edit)
    return str(message)


async def fill_forum(system: System) -> Filled:
    """An owner with a few forums, a few items in each list of the first one, and those lists."""
    owner, people = await system.new_person(), await system.people(2 * LEAST_ITEMS + 1)
    others, outsiders = people[: LEAST_ITEMS + 1], people[LEAST_ITEMS + 1 :]
    drafts = [{"slug": new_slug(), "name": f"Forum {number}"} for number in range(LEAST_ITEMS)]
    forum, *_ = [await owner.request_json("POST", "/forums", body=draft) for draft in drafts]
    path = f"/forums/{forum['slug']}"
    post = await new_post(others[0], path, "A post")
    for version in range(1, LEAST_ITEMS + 1):
        edit = {"version": version, "title": f"Version {version}"}
        await others[0].request_json("PATCH", f"/posts/{post}", body=edit)
    for other, reporter in zip(others, (others[-1], *others), strict=False):
        await owner.request_json("PUT", f"{path}/members/{other.id}")
        await other.request_json("POST", f"/posts/{post}/comments", body={"body": "A comment"})
        target = {"kind": "post", "id": await new_post(other, path, "Reported")}
        report = {"target": target, "reason": "spam"}
        await reporter.request_json("POST", "/reports", body=report)
        removed = await new_post(other, path, "Removed")
        await owner.request_json("PUT", f"/posts/{removed}/removal", body={})
        appeal = {"against": {"kind": "post", "id": removed}, "content": "Why?"}
        await other.request_json("POST", "/appeals", body=appeal)
    settings = {"visibility": "restricted", "join_requests": True}
    await owner.request_json("PATCH", path, body=settings)
    for outsider in outsiders:
        await outsider.request_json("PUT", f"{path}/membership/request", body={})
    for other in others:
        await owner.request_json("PUT", f"{path}/bans/{other.id}", body={"days": 1})
    names = {"slug": forum["slug"], "forum": forum["id"], "post": post, "me": owner.id}
    return owner, [await read_listing(owner, path, names) for path in FORUM_LISTS], []


async def new_post(author: Person, forum_path: str, title: str) -> str:
    draft = {"title": title}
    return str((await author.request_json("POST", f"{forum_path}/posts", body=draft))["id"])


async def read_listing(person: Person, path: str, names: Mapping[str, str]) -> Listing:
    """Item by item, which gives the same as one page of all."""
    scope = {**USER_LISTS, **FORUM_LISTS}[path].format(**names)
    path, items, cursors = path.format(**names), list[Document](), list[str]()
    await wait_until_indexed(person, path)
    page = await get(person, path, limit="1")
    while page["next"] is not None:
        items += page["items"]
        cursors.append(page["next"])
        page = await get(person, path, limit="1", cursor=cursors[-1])
    items += page["items"]
    whole = (await get(person, path, limit=ALL))["items"]
    assert identities(items) == identities(whole), path
    assert len(items) >= LEAST_ITEMS, path
    assert len(set(identities(items))) == len(items), path
    assert encode_cursor(scope, *values_of(cursors[0])) == cursors[0], f"the scope of {path}"
    return Listing(path, scope, identities(items), cursors)


async def wait_until_indexed(person: Person, path: str) -> None:
    pause = 0.05 if path.startswith(("/search", "/notifications")) else 0.0
    while pause and len((await get(person, path, limit=ALL))["items"]) <= LEAST_ITEMS:
        await asyncio.sleep(pause)
        pause *= 2
        assert pause < 10, "the consumers do not follow"


def identities(items: Sequence[Document]) -> list[str]:
    return [str(item.get("id") or item.get("user", {}).get("id") or item) for item in items]


def bad_cursors(
    listing: Listing, dice: random.Random, *, foreign: Sequence[str], number: int
) -> Iterator[BadCursor]:
    for cursor in foreign:
        yield BadCursor("of another list", cursor)
    for cursor in ("", "=", "null", "\0", "ß", "a" * 300, "a" * 301, "a" * 4000, "AAAAAAAAW10"):
        yield BadCursor("made up", cursor)
    for _ in range(number):
        place = dice.randrange(len(listing.cursors))
        good = listing.cursors[place]
        at = dice.randrange(len(good))
        yield BadCursor("truncated", good[:at])
        yield BadCursor("extended", good + dice.choice(ALPHABET), place)
        yield BadCursor("changed", good[:at] + dice.choice(ALPHABET) + good[at + 1 :], place)
        forged = encode_cursor(listing.scope, *replaced_values(good, dice))
        yield BadCursor("forged", forged, is_checked=True)


def values_of(cursor: str) -> list[Any]:
    return list(json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))[6:]))


def replaced_values(good: str, dice: random.Random) -> list[Any]:
    """Usually of the same type as those of the good cursor, so that they are read."""
    if dice.random() < 0.2:
        return dice.choices(REPLACEMENTS, k=dice.randrange(4))
    values = values_of(good)
    alike = ([one for one in REPLACEMENTS if type(one) is type(value)] for value in values)
    return [
        dice.choice((value, dice.choice(some))) for value, some in zip(values, alike, strict=True)
    ]


async def try_cursor(person: Person, listing: Listing, bad: BadCursor) -> tuple[str, str]:
    """The outcome, and what is wrong with it, empty where nothing is."""
    response = await request(person, listing.path, limit=ALL, cursor=bad.cursor)
    about = f"{listing.path} with a cursor {bad.kind}, {bad.cursor!r}: {response.text[:200]}"
    if not response.is_success:
        outcome = f"{response.status_code} {response.json()['code']}"
        is_ranked = "sort=" in listing.path
        expected = outcome in REFUSALS or (outcome == EXPIRED and is_ranked)
        return outcome, "" if expected else f"{outcome}: {about}"
    items = identities(response.json()["items"])
    if not set(items) <= set(listing.items):
        return "items of another list", f"items of another list: {about}"
    if bad.is_checked:
        is_end = "/forums" in listing.path or items in ends_of(listing.items)
        return "a position in the own list", "" if is_end else f"not an end of the list: {about}"
    if bad.place is not None and items == listing.items[bad.place + 1 :]:
        return "the same position", ""
    return "accepted", f"accepted: {about}"


def ends_of(items: Sequence[str]) -> list[list[str]]:
    """In either direction."""
    return [list(some[place:]) for some in (items, items[::-1]) for place in range(len(items) + 1)]


async def check_numbers(person: Person, listing: Listing) -> None:
    invalid = [("limit", value) for value in INVALID_LIMITS]
    if listing.path.endswith("/messages"):
        names = ("before", "after", "around")
        invalid += [(name, value) for name in names for value in INVALID_SEQS]
    for name, value in invalid:
        response = await request(person, listing.path, **{name: value})
        assert (response.status_code, response.json()["code"]) == (422, "validation_failed")


async def get(person: Person, path: str, **query: str) -> Document:
    response = await request(person, path, **query)
    assert response.is_success, f"GET {path}: {response.status_code} {response.text}"
    return dict(response.json())


async def request(person: Person, path: str, **query: str) -> httpx.Response:
    """`path`: with a query of its own, or without."""
    path, _, own_query = path.partition("?")
    return await person.request("GET", path, **dict(parse_qsl(own_query)), **query)
