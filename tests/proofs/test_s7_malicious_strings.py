"""S7: 500 hostile strings in every string that people send: no 5xx, and nothing is stored that
runs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from cgraph_local.api_documents.inventory import http_functions
from cgraph_local.home import CHECKOUT
from tests.conftest import Report, Size
from tests.person import PASSWORD, Document
from tests.proofs.cast import Actor, Persona, gathered, in_turn
from tests.proofs.declared import declared
from tests.proofs.declared import expected as expected_of
from tests.proofs.forum_cast import ForumCast, ForumStage, Stander
from tests.proofs.forum_scenes import ForumThings
from tests.proofs.hostile import HOSTILE, SHORT, dangers
from tests.proofs.recipes import FORUM_RECIPES, RECIPES
from tests.proofs.scenes import Stage, Things
from tests.proofs.test_s1_who_may_do_what_in_forums import expected as expected_in_forum
from tests.system import LocalSystem, System

MARK = "b7d1c0de-put-it-here"
IN_CONVERSATIONS = (Persona.AUTHOR, Persona.OWNER)
IN_FORUMS = (Stander.MEMBER, Stander.AUTHOR, Stander.MODERATOR, Stander.OWNER)
SAMPLE = 10
"""Of the strings, in each field and address where it is slow, or where there are many, usually;
with `--full` all of them everywhere."""

BESIDE: Mapping[tuple[str, str], Document] = {
    ("create_post", "url"): {"kind": "link"},
    ("create_post", "poll.options[]"): {"kind": "poll"},
    ("change_password", "new_password"): {"current_password": f"not {PASSWORD}"},
}
"""What makes the field one that is looked at, or the call one that changes no account."""

ADDRESSES = (
    *("/users/{text}", "/forums/{text}", "/forums/{text}/posts", "/forums/{text}/members"),
    *("/forums?q={text}", "/forums?sort={text}", "/forums?mine={text}", "/forums?cursor={text}"),
    *("/forums/{forum}/posts?tag={text}&sort=new", "/forums/{forum}/posts?sort={text}"),
    *("/forums/{forum}/posts?sort=top&time={text}", "/forums/{forum}/posts?cursor={text}"),
    *(
        "/posts/{text}",
        "/posts/{post}/comments?parent={text}",
        "/posts/{post}/comments?sort={text}",
    ),
    *(
        "/comments/{text}",
        "/forums/{forum}/reports?state={text}",
        "/forums/{forum}/members?limit={text}",
    ),
)


@dataclass(frozen=True, slots=True)
class Field:
    """`path`: where it is in the body, with dots; `[]` is an element of a list."""

    function: str
    path: str


@dataclass(slots=True)
class Tally:
    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def take(self, what: str, status: int, text: str) -> None:
        self.outcomes[f"{status // 100}xx"] += 1
        if status >= 500:
            self.wrong.append(f"{what}: {status} {text[:200]}")
        elif status < 300 and text:
            self.wrong += [f"{what}: {each}" for each in _dangers_in(json.loads(text))]


def fields() -> list[Field]:
    """All free strings in bodies: what is an id, a time or one of a few words is none."""
    found = []
    for function in http_functions(CHECKOUT / "functions"):
        for param in function.route.dependant.body_params:
            model = param.field_info.annotation
            schema = model.model_json_schema() if model is not None else {}
            found += [
                Field(function.name, path) for path in _strings(schema, schema.get("$defs", {}))
            ]
    return found


def _strings(schema: Any, named: Mapping[str, Any], path: str = "") -> Iterator[str]:
    schema = named[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    for choice in schema.get("anyOf", ()):
        yield from _strings(choice, named, path)
    if schema.get("type") == "string" and not schema.keys() & {"enum", "format", "const"}:
        yield path
    elif schema.get("type") == "array":
        yield from _strings(schema["items"], named, f"{path}[]")
    for name, each in schema.get("properties", {}).items():
        yield from _strings(each, named, f"{path}.{name}" if path else name)


def test_there_are_500_and_they_are_seen_to_run() -> None:
    assert len(HOSTILE) >= 500
    assert any(len(text) > 1 << 20 for text in HOSTILE)
    assert dangers("<p onclick=x><a href=' java\nscript:alert(1)'><script>") == [
        "<p onclick>",
        "<a href=javascript:>",
        "<script>",
    ]
    assert not dangers('<p>a &lt;script&gt; <a href="https://a.example/?javascript:" rel="x">')


async def test_hostile_strings_in_forums(system: System, size: Size, report: Report) -> None:
    some = [each for each in fields() if each.function in FORUM_RECIPES]
    tally, asked = Tally(), declared()
    cast = await ForumCast.gather(system)
    try:
        stage = await ForumStage.make(cast, visibility="public")

        async def one(stander: Stander) -> list[str]:
            for place, each in enumerate(some):
                name, policy = each.function, asked[each.function].policy
                recipe = FORUM_RECIPES[name]
                may = [
                    who
                    for who in IN_FORUMS
                    if expected_in_forum(name, recipe, policy, stage, who) is None
                ]
                if may[0] is stander:
                    things = ForumThings(stage, cast[stander], fresh=False)
                    things_of = FreshPosts(things) if name.startswith("edit") else things
                    strings = HOSTILE[size(place, 0) :: size(len(some), 1)]
                    await send_all(cast[stander], each, things_of, strings, tally)
            return []

        await in_turn(IN_FORUMS, one)
        await ask_all(cast[Stander.OWNER], stage, size(len(SHORT) // SAMPLE, 1), tally)
        tally.wrong += [f"read back: {each}" for each in _dangers_in(await stage.seen())]
    finally:
        await cast.close()
    tally.wrong += stored(system)
    finish("S7 hostile strings in forums", tally, some, report)


async def test_hostile_strings_elsewhere(system: System, size: Size, report: Report) -> None:
    some = [each for each in fields() if each.function in RECIPES]
    tally, asked = Tally(), declared()
    async with gathered(system, IN_CONVERSATIONS) as cast:
        stage = await Stage.make(cast, IN_CONVERSATIONS)

        async def one(persona: Persona) -> list[str]:
            for place, each in enumerate(some):
                name, policy = each.function, asked[each.function].policy
                recipe = RECIPES[name]
                may = [p for p in IN_CONVERSATIONS if expected_of(name, recipe, policy, p) is None]
                if may[0] is persona:
                    things = Things(stage, cast[persona], fresh=False)
                    strings = HOSTILE[size(place, 0) :: size(len(HOSTILE) // SAMPLE, 1)]
                    await send_all(cast[persona], each, things, strings, tally)
            return []

        await in_turn(IN_CONVERSATIONS, one)
        await stage.seen()
    finish("S7 hostile strings elsewhere", tally, some, report)


@dataclass(frozen=True, slots=True)
class FreshPosts:
    """For edits, each of which makes a version: what is edited is new."""

    things: ForumThings

    async def fill(self, value: Any) -> Any:
        stage, actor = self.things.stage, self.things.actor
        return await ForumThings(stage, actor, fresh=True).fill(value)


async def send_all(
    actor: Actor[Any],
    each: Field,
    things: Things | ForumThings | FreshPosts,
    strings: Sequence[str],
    tally: Tally,
) -> None:
    recipe = {**FORUM_RECIPES, **RECIPES}[each.function]
    for hostile in strings:
        body = {
            **(await things.fill(recipe.body) or {}),
            **BESIDE.get((each.function, each.path), {}),
        }
        if "slug" in body and each.path != "slug":
            body["slug"] = await things.fill("{new_slug}")
        _put(body, each.path.split("."))
        method, _, path = (await things.fill(recipe.ask)).partition(" ")
        content = json.dumps(body).replace(json.dumps(MARK), hostile)
        answer = await actor.person.http.request(
            method,
            path,
            content=content.encode(),
            headers={
                "authorization": f"Bearer {actor.token}",
                "content-type": "application/json",
            },
        )
        what = f"{each.function} with {each.path} = {hostile[:60]}"
        tally.take(what, answer.status_code, answer.text)


async def ask_all(actor: Actor[Stander], stage: ForumStage, every: int, tally: Tally) -> None:
    """In addresses: whole parts of a path, and queries."""
    for place, address in enumerate(ADDRESSES):
        for text in SHORT[place % every :: every]:
            written = quote(text.encode("utf-8", "surrogatepass"), safe="")
            path = address.format(text=written, forum=stage.slug, post=stage.things["post"])
            answer = await actor.person.ask("GET", path)
            tally.take(f"GET {address} with {text[:60]!r}", answer.status_code, answer.text)


def stored(system: System) -> list[str]:
    """What the tables keep of HTML."""
    if not isinstance(system, LocalSystem):
        return []
    rows = system.query("SELECT body_html FROM posts UNION ALL SELECT body_html FROM comments")
    return [f"stored: {each}" for (html,) in rows for each in dangers(html)]


def finish(title: str, tally: Tally, some: Sequence[Field], report: Report) -> None:
    report(
        title,
        strings=len(HOSTILE),
        fields=len(some),
        requests=tally.outcomes.total(),
        **tally.outcomes,
        wrong=len(tally.wrong),
    )
    assert not tally.wrong, "\n".join(tally.wrong[:30])


def _put(body: Document, path: list[str]) -> None:
    """The mark, where the path says."""
    name, *rest = path
    if name.endswith("[]"):
        body[name[:-2]] = [MARK, "another"] if name == "options[]" else [MARK]
    elif rest:
        inner = body.get(name)
        body[name] = dict(inner) if isinstance(inner, dict) else {}
        _put(body[name], rest)
    else:
        body[name] = MARK


def _dangers_in(document: Any) -> Iterator[str]:
    """In all `body_html` of it."""
    if isinstance(document, dict):
        for name, value in document.items():
            if name == "body_html":
                yield from dangers(value)
            else:
                yield from _dangers_in(value)
    elif isinstance(document, list):
        for each in document:
            yield from _dangers_in(each)
