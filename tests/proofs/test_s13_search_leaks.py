"""S13 on search: nobody finds anything of a place that they may not read: no hit, no highlight, no
count, no facet, no suggestion, no correction and no similar post."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.conftest import Report, Size
from tests.person import Person
from tests.prepared_home import start_prepared
from tests.proofs.broken import Mutation, broken_schema
from tests.proofs.personas import gather_bounded
from tests.proofs.search_scene import Place, Scene, new_scene, wait_until_counted
from tests.search_engines import search_variables
from tests.system import LocalSystem, System

FACETS = "&facets=type&facets=place&facets=author&facets=tag"
SEARCHES = (
    "/search?q={word}" + FACETS,
    "/search?q={begun}",
    "/search?q={misspelt}%20",
    "/search?q={common}%20in:{name}" + FACETS,
    "/search?q=%22{word}%20{document}%22",
    "/search?in={id}&sort=newest" + FACETS,
    "/search?q={common}&in={id}&from={author}",
    "/search?q={common}%20-{word}" + FACETS,
    "/search?q={document}",
    "/search?q={common}&sort=newest&limit=50",
    "/search/suggestions?q={begun}",
    "/search/suggestions?q={word}%20{common}",
    "/forums/{name}/posts/similar?title={word}%20{document}",
    "/search?q=type:forum%20{begun}",
    "/search?tag={tag}",
)
ALL_FORUMS = Mutation(
    "infra/schema/search/viewer.sql",
    original="    left_out := ARRAY (",
    replacement="    private_forums := ARRAY (SELECT f.id FROM forums f);\n    left_out := ARRAY (",
)


@dataclass(slots=True)
class Tally:
    requests: Counter[str] = field(default_factory=Counter)
    own_hits: int = 0
    leaks: list[str] = field(default_factory=list)


@pytest.fixture(scope="module", params=["postgres", "opensearch"])
async def searching(
    request: pytest.FixtureRequest, system: System, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[System]:
    """A system on each engine; that on OpenSearch where a real one is."""
    if request.param == "postgres":
        yield system
        return
    variables: Any = search_variables(request.getfixturevalue("real_opensearch"))
    folder = tmp_path_factory.mktemp("opensearch") / "home"
    running = start_prepared(folder, CGRAPH_RATE_LIMITS="off", **variables)
    yield running
    await running.close()
    running.stop()


async def test_nobody_finds_anything_of_a_place_they_may_not_read(
    searching: System, size: Size, report: Report
) -> None:
    people, searches = size(4, 50), size(len(SEARCHES), 200)
    scene = await new_scene(searching, people=people, places=size(4, 100), documents=size(4, 100))
    await until_indexed(scene)
    tally = Tally()
    await search_all(scene, searches, tally)
    dice = random.Random(14)
    for place in scene.places:
        outsider = dice.choice([each for each in place.members.values() if each is not place.owner])
        await scene.remove_member(place, outsider)
        removed = [each for each in place.documents if each.type != "forum"]
        for document in dice.sample(removed, k=max(1, len(removed) // 10)):
            if document.author in place.members or document.type != "message":
                await scene.take_down(place, document)
    for person, other in zip(scene.people[::3], scene.people[1::3], strict=False):
        await scene.block(person, other.id)
    await search_all(scene, searches // 2, tally, counts=False)  # at once
    await until_indexed(scene)
    await search_all(scene, searches // 2, tally)
    report(
        "S13 search",
        documents=sum(len(each.documents) for each in scene.places),
        **tally.requests,
        hits_in_own=tally.own_hits,
        leaks=len(tally.leaks),
    )
    assert not tally.leaks, "\n".join(tally.leaks[:20])
    assert tally.own_hits


async def test_the_proof_fails_where_the_index_is_not_filtered(local: LocalSystem) -> None:
    scene = await new_scene(local, people=3, places=2, documents=3)
    await until_indexed(scene)
    tally = Tally()
    with broken_schema(local, ALL_FORUMS):
        await search_everywhere(scene, tally)
    assert any("results are counted" in leak for leak in tally.leaks), tally.leaks
    assert any("a facet" in leak for leak in tally.leaks), tally.leaks


async def until_indexed(scene: Scene) -> None:
    for person in scene.people:
        expected = min(len(scene.visible(person)), 1000)
        await wait_until_counted(person, scene.common, expected)


async def search_all(scene: Scene, number: int, tally: Tally, *, counts: bool = True) -> None:
    async def one(person: Person) -> list[None]:
        dice = random.Random(person.id)
        for turn in range(number):
            place = dice.choice(scene.places)
            template = SEARCHES[turn % len(SEARCHES)]
            await search_one(scene, person, place, template, dice, tally, counts=counts)
        return []

    await gather_bounded(scene.people, one)


async def search_everywhere(scene: Scene, tally: Tally) -> None:
    """Each search of each person in each place."""
    dice = random.Random(15)
    for person in scene.people:
        for place in scene.places:
            for template in SEARCHES:
                await search_one(scene, person, place, template, dice, tally, counts=True)


async def search_one(
    scene: Scene,
    person: Person,
    place: Place,
    template: str,
    dice: random.Random,
    tally: Tally,
    *,
    counts: bool,
) -> None:
    document = dice.choice(place.documents)
    path = template.format(
        word=place.word,
        begun=place.word[:14],
        misspelt=f"{place.word[:-2]}{place.word[-1]}{place.word[-2]}",
        common=scene.common,
        name=place.name,
        id=place.id,
        document=document.word,
        tag=document.word[:20],
        author=place.owner.username,
    )
    response = await person.request("GET", path)
    is_member = person.id in place.members
    tally.requests[f"{response.status_code}"] += 1
    about = f"{path} of {person.username}: {response.status_code} {response.text[:300]}"
    if "/similar" in path and (place.kind == "conversation" or not is_member):
        if response.status_code != 404:
            tally.leaks.append(f"a forum is not hidden: {about}")
        return
    if response.status_code != 200:
        tally.leaks.append(f"neither an answer nor a 404: {about}")
        return
    body = response.json()
    tally.own_hits += is_member and bool(body["items"])
    tally.leaks += [f"{what}: {about}" for what in leaks_in(scene, person, body, response.text)]
    if "total" in body and counts:
        tally.leaks += [
            f"{what}: {about}" for what in wrong_counts(scene, person, path, place, body)
        ]


def leaks_in(scene: Scene, person: Person, body: Any, text: str) -> list[str]:
    found = [f"the word {word}" for word in scene.foreign_words(person) if word in text]
    ids = {document.id for document in scene.visible(person)}
    for item in body["items"]:
        is_hit = "highlights" in item and "title" not in item
        if is_hit and item["type"] != "user" and item["id"] not in ids:
            found.append(f"a hit {item['id']}")
    return found


def wrong_counts(scene: Scene, person: Person, path: str, place: Place, body: Any) -> list[str]:
    """A search in a place of others counts nothing, one by the common word what is visible."""
    found = []
    visible, count = scene.visible(person), body["total"]["count"]
    if count > len(visible):
        found.append(f"{count} results are counted of {len(visible)}")
    if person.id not in place.members and f"{place.id}" in path and count:
        found.append(f"{count} results are counted in a place of others")
    if path.startswith(f"/search?q={scene.common}&sort") and count != min(len(visible), 1000):
        found.append(f"{count} results are counted, not {len(visible)}")
    own = {each.id for each in scene.places if person.id in each.members}
    for value in body["facets"].get("place", ()):
        if value["value"] not in own:
            found.append(f"a facet of {value['value']}")
    return found


@pytest.mark.usefixtures("only_in_full")
async def test_a_forum_that_becomes_private_is_left_out_at_once(system: System) -> None:
    """Before its documents say so."""
    stranger = await system.new_person()
    scene = await new_scene(system, people=2, places=2, documents=6)
    forum = next(each for each in scene.places if each.kind == "forum")
    await forum.owner.request_json(
        "PATCH", f"/forums/{forum.name}", body={"visibility": "restricted"}
    )
    await wait_until_counted(stranger, forum.word, len(forum.documents))
    await forum.owner.request_json("PATCH", f"/forums/{forum.name}", body={"visibility": "private"})
    assert (await stranger.get("/search", q=forum.word))["total"]["count"] == 0
