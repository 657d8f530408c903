"""S21 on search: each viewer finds the things of a forum that the rule shows them, in hits, counts,
facets, suggestions and similar posts, whatever their state and that of what is above them."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.conftest import Report, Size
from tests.person import Document, Person
from tests.prepared_home import start_prepared
from tests.proofs.broken import Mutation, broken_schema
from tests.proofs.search_scene import wait_until_counted
from tests.proofs.test_s21_visibility import DECIDING, Tally
from tests.proofs.visibility_model import Thing, Viewer, finds
from tests.proofs.visibility_scene import VisibilityScene
from tests.search_engines import search_variables
from tests.system import LocalSystem, System

PAGE = 50
FINDING = "infra/schema/search/finding.sql"
BROKEN = {
    "what is withheld": Mutation(
        FINDING,
        original="AND (seen_by IS NULL OR seen_by = viewer_id OR moderated_forums"
        " ? place_id::text)",
        replacement="",
    ),
    "what somebody wrote whom the viewer blocks": Mutation(
        FINDING,
        original="AND (author_id IS NULL OR NOT hidden_authors ? author_id::text)",
        replacement="",
    ),
    "a hit that the index should not have": Mutation(
        "infra/schema/search/hits.sql",
        original="AND access.role <> 'banned' AND NOT has_blocked(viewer_id, c.author_id)",
        replacement="",
    ),
}
"""The last one shows where the index does not know the authors."""


@pytest.fixture(scope="module", params=["postgres", "fake", "opensearch"])
async def searching(
    request: pytest.FixtureRequest, system: System, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[LocalSystem]:
    if request.param == "postgres":
        assert isinstance(system, LocalSystem)
        yield system
        return
    if not request.config.getoption("--full"):
        pytest.skip("`make proofs` asks the other engines")
    url = request.getfixturevalue(f"{'real' if request.param != 'fake' else 'fake'}_opensearch")
    variables: Any = search_variables(url)
    folder = tmp_path_factory.mktemp("searching") / "home"
    running = start_prepared(folder, CGRAPH_RATE_LIMITS="off", **variables)
    yield running
    await running.close()
    running.stop()


@pytest.mark.parametrize("visibility", ["public", "private"])
async def test_each_viewer_finds_what_the_rule_says(
    searching: LocalSystem,
    request: pytest.FixtureRequest,
    size: Size,
    report: Report,
    visibility: str,
) -> None:
    """The fake loses hits of equal scores between two pages."""
    engine = request.node.callspec.params["searching"]
    if size(visibility == "public", False):
        pytest.skip("`make proofs` looks into public forums too")
    scene = await indexed_scene(searching, visibility=visibility)
    names = size((*DECIDING, "author"), tuple(scene.viewers))
    sorts = ("newest",) if engine == "fake" else ("newest", "relevance")
    tally = await judge(scene, names=names, sorts=sorts)
    report(f"S21 search, {visibility}", wrong=len(tally.wrong), **tally.cells)
    assert not tally.wrong, "\n".join(tally.wrong[:30])
    assert tally.cells["texts"] > 50 * len(names)


async def test_the_proof_fails_where_search_is_broken(local: LocalSystem, size: Size) -> None:
    scene = await indexed_scene(local, visibility="public")
    for what, mutation in list(BROKEN.items())[: size(1, len(BROKEN))]:
        if "hit" in what:
            local.query(
                "UPDATE search_documents SET author_id = gen_random_uuid() WHERE place_id = (SELECT"
                f" f.id FROM forums f WHERE f.slug = '{scene.slug}') RETURNING 1"
            )
        with broken_schema(local, mutation):
            tally = await judge(scene, names=("blocker", "stranger"))
        assert tally.wrong, f"nobody notices that search shows {what}"


async def indexed_scene(system: LocalSystem, *, visibility: str) -> VisibilityScene:
    scene = await VisibilityScene.create(system, visibility=visibility)
    system.query(
        "SELECT log_changed_documents(jsonb_build_object('forum', jsonb_build_array(f.id),"
        " 'places', jsonb_build_array(jsonb_build_object('kind', 'forum', 'id', f.id))))"
        f" FROM forums f WHERE f.slug = '{scene.slug}'"
    )
    owner, moderator = scene.people["owner"], scene.viewers["owner"]
    await owner.send_message(await owner.start_conversation(scene.people["member"]), "a nudge")
    right = sum(finds(moderator, thing) for thing in things_of(scene))
    await wait_until_counted(owner, f"text in:{scene.slug}", right)
    return scene


def things_of(scene: VisibilityScene) -> Iterator[Thing]:
    for post in scene.posts:
        yield post
        yield from post.below()


async def judge(
    scene: VisibilityScene, *, names: Sequence[str], sorts: Sequence[str] = ("newest",)
) -> Tally:
    tally = Tally()
    for name in names:
        viewer, person = scene.viewers[name], scene.people[name]
        for sort in sorts:
            await judge_hits(tally, scene, viewer, person, sort=sort)
        await judge_suggestions(tally, scene, viewer, person)
        await judge_similar(tally, scene, viewer, person)
    return tally


async def judge_hits(
    tally: Tally, scene: VisibilityScene, viewer: Viewer, person: Person, *, sort: str
) -> None:
    things = {thing.id: thing for thing in things_of(scene)}
    right = {id for id, thing in things.items() if finds(viewer, thing)}
    facets = {"type": Counter(things[id].kind for id in right)}
    facets["author"] = Counter(things[id].author.id for id in right)
    query: dict[str, Any] = {"q": "text", "in": scene.slug, "sort": sort, "limit": PAGE}
    path = f"/search?{urlencode({**query, 'facets': list(facets)}, doseq=True)}"
    answer = await person.get(path)
    tally.compare("counts", viewer, "the total", answer["total"]["count"], len(right))
    for facet, counts in facets.items():
        found = {each["value"]: each["count"] for each in answer["facets"][facet]}
        tally.compare("facets", viewer, facet, found, dict(counts))
    hits = [hit async for hit in hits_of(person, query, answer)]
    found_ids = Counter(hit["id"] for hit in hits)
    differences = found_ids - Counter(right), Counter(right) - found_ids
    tally.compare("hits", viewer, f"by {sort}", differences, (Counter(), Counter()))
    for hit in hits:
        thing = things[hit["id"]]
        tally.compare("texts", viewer, thing, hit[hit["type"]]["body"], thing.text)


async def hits_of(
    person: Person, query: dict[str, Any], answer: Document
) -> AsyncIterator[Document]:
    """All pages'; `answer` is the first."""
    while True:
        for hit in answer["items"]:
            yield hit
        if answer["next"] is None:
            return
        answer = await person.get("/search", **query, cursor=answer["next"])


async def judge_suggestions(
    tally: Tally, scene: VisibilityScene, viewer: Viewer, person: Person
) -> None:
    for post in scene.posts:
        beginning = f"text of {post.id.partition('-')[0]}"
        answer = await person.get("/search/suggestions", q=beginning)
        found = [item["id"] for item in answer["items"]]
        right = [post.id] if finds(viewer, post) else []
        tally.compare("suggestions", viewer, post, found, right)


async def judge_similar(
    tally: Tally, scene: VisibilityScene, viewer: Viewer, person: Person
) -> None:
    path = f"/forums/{scene.slug}/posts/similar"
    response = await person.request("GET", path, title=scene.posts[0].text, limit=10)
    if not response.is_success:
        tally.compare("similar", viewer, "the forum", response.status_code, 404)
        return
    found = {item["id"] for item in response.json()["items"]}
    right = {post.id for post in scene.posts if finds(viewer, post)}
    if viewer.participates:
        tally.compare("similar", viewer, "the posts", found - right, set())
