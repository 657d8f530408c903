"""R21 in forums: cursors forged, truncated or another's: an explicit answer, no 5xx, no leak."""

from __future__ import annotations

import random
from collections import Counter
from urllib.parse import parse_qsl

import httpx

from tests.conftest import Report, Size
from tests.person import Document, Person
from tests.proofs.forum_cast import new_slug
from tests.proofs.test_r21_bad_cursors import IN_FORUMS, INVALID, Bad, Listing, bad_cursors
from tests.system import System

REFUSED = INVALID | {"400 cursor_expired"}
EACH = 3
"""Things in each list, at the least."""


async def test_bad_cursors_are_refused_by_name_in_forums(
    system: System, size: Size, report: Report
) -> None:
    dice, outcomes, wrong = random.Random(21), Counter[str](), list[str]()
    owner, *people = await system.people(EACH + 2)
    known = await furnish(owner, people)
    listings = [
        await read_all(owner, path.format(**known), scope=scope.format(**known))
        for path, scope in IN_FORUMS.items()
    ]
    for listing in listings:
        others = [each for each in listings if each is not listing]
        foreign = [each.cursors[0] for each in dice.sample(others, k=size(3, len(others)))]
        for bad in bad_cursors(listing, dice, foreign=foreign, number=size(2, 60)):
            outcome = await tried(owner, listing, bad)
            outcomes[outcome.partition(": ")[0]] += 1
            if ": " in outcome:
                wrong.append(outcome)
    report("R21 bad cursors in forums", lists=len(listings), cursors=outcomes.total(), **outcomes)
    assert not wrong, "\n".join(wrong[:20])


async def furnish(owner: Person, others: list[Person]) -> dict[str, str]:
    """A forum with a few of everything, and a few forums."""
    forums = [
        await done(owner, "POST", "/forums", {"slug": new_slug(), "name": f"Forum {number}"})
        for number in range(EACH)
    ]
    forum = f"/forums/{forums[0]['slug']}"
    post = (await done(others[0], "POST", f"{forum}/posts", {"title": "A post"}))["id"]
    for version in range(EACH):
        edit = {"version": version + 1, "title": f"Version {version}"}
        await done(others[0], "PATCH", f"/posts/{post}", edit)
    for number, other in enumerate(others):
        await done(owner, "PUT", f"{forum}/members/{other.id}")
        await done(other, "POST", f"/posts/{post}/comments", {"body": f"{number}"})
        kept, gone = [
            (await done(other, "POST", f"{forum}/posts", {"title": f"{number}"}))["id"]
            for _ in range(2)
        ]
        target = {"target": {"kind": "post", "id": kept}, "reason": "spam"}
        await done(others[number - 1], "POST", "/reports", target)
        await done(owner, "PUT", f"/posts/{gone}/removal", {})
        appeal = {"against": {"kind": "post", "id": gone}, "content": "Why?"}
        await done(other, "POST", "/appeals", appeal)
    for other in others:
        await done(owner, "PUT", f"{forum}/bans/{other.id}", {"days": 1})
    slug, id = forums[0]["slug"], forums[0]["id"]
    return {"slug": slug, "forum": id, "post": post, "me": owner.id}


async def read_all(person: Person, path: str, *, scope: str) -> Listing:
    """One by one; of a list of all forums only those of one's own."""
    if path.startswith("/forums?") or path == "/forums":
        path += ("&" if "?" in path else "?") + "mine=true"
    items: list[str] = []
    cursors: list[str] = []
    more: str | None = ""
    while more is not None:
        page = (await ask(person, path, limit="1", **({"cursor": more} if more else {}))).json()
        items += map(str, page["items"])
        more = page["next"]
        cursors += [more] if more else []
    assert len(items) >= EACH, path
    assert len(set(items)) == len(items), path
    return Listing(path, scope, items, cursors)


async def tried(person: Person, listing: Listing, bad: Bad) -> str:
    """How it was answered; with a colon, and more, where that is wrong."""
    answer = await ask(person, listing.path, limit="100", cursor=bad.cursor)
    about = f"{listing.path} with one {bad.kind}, {bad.cursor!r}: {answer.text[:200]}"
    if not answer.is_success:
        said = f"{answer.status_code} {answer.json()['code']}"
        return said if said in REFUSED else f"{said}: {about}"
    items = [str(item) for item in answer.json()["items"]]
    if not set(items) <= set(listing.items):
        return f"items of another list: {about}"
    if bad.may_be_good:
        return "a place in one's own list"
    if bad.place is not None and items == list(listing.items[bad.place + 1 :]):
        return "the same cursor"
    return f"taken: {about}"


async def ask(person: Person, path: str, **query: str) -> httpx.Response:
    """With what the path asks for too."""
    path, _, asked = path.partition("?")
    return await person.ask("GET", path, **dict(parse_qsl(asked)), **query)


async def done(person: Person, method: str, path: str, body: Document | None = None) -> Document:
    answer = await person.ask(method, path, body=body)
    assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
    return dict(answer.json())
