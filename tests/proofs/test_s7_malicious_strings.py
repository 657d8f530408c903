"""S7: 500 malicious strings in every string that users send: no 5xx, and no HTML that runs."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote

import regex

from cgraph_local.api_documents.inventory import http_functions
from cgraph_local.core.home import CHECKOUT
from tests.conftest import Report, Size
from tests.person import PASSWORD, Document
from tests.proofs.cast import Cast
from tests.proofs.expectations import declared_functions, expected_refusal
from tests.proofs.forum_scene import ForumScene
from tests.proofs.malicious_html import unsafe_parts
from tests.proofs.malicious_strings import MALICIOUS, SHORT
from tests.proofs.personas import (
    LEAST_RIGHTS_FIRST,
    Actor,
    Persona,
    Response,
    gather_bounded,
)
from tests.proofs.route_cases import REQUEST_CASES, ROUTE_CASES
from tests.proofs.scenes import INPUT_KINDS, PUBLIC_FORUM, Scene, SceneKind
from tests.system import LocalSystem, System

MARK = "b7d1c0de-put-it-here"
SAMPLE = 4
"""How many of the strings are sent as one part of an address. In fields each string is sent once in
one of the scenes. With `--full` all of them are sent everywhere."""

BESIDE: Mapping[tuple[str, str], Document] = {
    ("create_post", "url"): {"kind": "link"},
    ("create_post", "poll.options[]"): {"kind": "poll"},
    ("change_password", "new_password"): {"current_password": f"not {PASSWORD}"},
}
"""Other fields of the body: they make the field one that counts, or keep the account as it is."""

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


NAMES = """
    SELECT display_name FROM users UNION SELECT name FROM forums
    UNION SELECT name FROM conversations WHERE name IS NOT NULL
    UNION SELECT title FROM posts WHERE deleted_at IS NULL UNION SELECT label FROM poll_options
    UNION SELECT unnest(tags) FROM posts UNION SELECT unnest(tags) FROM forums
"""
VISIBLE = regex.compile(r"[^\p{Default_Ignorable_Code_Point}\p{White_Space}\p{Cc}\u2800]")
TURNING = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))


@dataclass(frozen=True, slots=True)
class Field:
    """`path`: where it is in the body, with dots; `[]` is an element of a list."""

    function: str
    path: str


@dataclass(slots=True)
class Tally:
    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def take(self, title: str, status: int, text: str) -> None:
        self.outcomes[f"{status // 100}xx"] += 1
        if status >= 500:
            self.wrong.append(f"{title}: {status} {text[:200]}")
        elif status < 300 and text:
            self.wrong += [f"{title}: {each}" for each in _unsafe_parts_of(json.loads(text))]


@cache
def string_fields() -> list[Field]:
    """All free strings in bodies: ids, times and enumerations are none."""
    fields = []
    for function in http_functions(CHECKOUT / "functions"):
        for param in function.route.dependant.body_params:
            model = param.field_info.annotation
            schema = model.model_json_schema() if model is not None else {}
            fields += [
                Field(function.name, path) for path in _strings(schema, schema.get("$defs", {}))
            ]
    return fields


def places_of_fields() -> list[tuple[SceneKind, Field]]:
    """Each field in each scene in which somebody can send it."""
    return [
        (kind, each)
        for kind in INPUT_KINDS
        for each in string_fields()
        if each.function in kind.cases and allowed_persona(each.function, kind)
    ]


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


def test_each_string_can_be_sent_by_somebody_in_one_of_the_scenes() -> None:
    assert {each for _, each in places_of_fields()} == set(string_fields())


def test_there_are_500_strings_and_unsafe_html_is_recognized() -> None:
    assert len(MALICIOUS) >= 500
    assert any(len(text) > 1 << 20 for text in MALICIOUS)
    assert unsafe_parts("<p onclick=x><a href=' java\nscript:alert(1)'><script>") == [
        "<p onclick>",
        "<a href=javascript:>",
        "<script>",
    ]
    assert not unsafe_parts('<p>a &lt;script&gt; <a href="https://a.example/?javascript:" rel="x">')


async def test_a_malicious_string_is_refused_or_stored_harmlessly(
    system: System, cast: Cast, kind: SceneKind, size: Size, report: Report
) -> None:
    fields, tally = [each for each in string_fields() if each.function in kind.cases], Tally()
    async with cast.acting(kind.personas) as personas:
        scene = await cast.scene(kind, personas)
        places = places_of_fields()

        async def send_those_of(persona: Persona) -> list[None]:
            for each in fields:
                if allowed_persona(each.function, kind) is persona:
                    place = places.index((kind, each))
                    strings = MALICIOUS[size(place, 0) :: size(len(places), 1)]
                    await send_in_field(scene, scene.personas[persona], each, strings, tally)
            return []

        await gather_bounded(LEAST_RIGHTS_FIRST, send_those_of)
        if isinstance(scene, ForumScene) and size(kind is PUBLIC_FORUM, "post" in scene.resources):
            await send_in_addresses(scene, size(len(SHORT) // SAMPLE, 1), tally)
        tally.wrong += [
            f"a response has {each}" for each in _unsafe_parts_of(await scene.snapshot())
        ]
    tally.wrong += unsafe_rows(system)
    report(
        f"S7 malicious strings in {kind.title}",
        strings=len(MALICIOUS),
        fields=len(fields),
        requests=tally.outcomes.total(),
        **tally.outcomes,
        wrong=len(tally.wrong),
    )
    assert not tally.wrong, "\n".join(tally.wrong[:30])


async def send_in_field(
    scene: Scene, actor: Actor, each: Field, strings: Sequence[str], tally: Tally
) -> None:
    """What an edit changes is new each time, since each edit makes a version; a request to become
    a member is answered once.
    """
    case = ROUTE_CASES[each.function]
    for string in strings:
        is_used_up = each.function in REQUEST_CASES
        fresh = is_used_up or each.function.startswith("edit")
        placeholders = scene.placeholders(actor, fresh=fresh)
        beside = BESIDE.get((each.function, each.path), {})
        body = {**(await placeholders.fill(case.body) or {}), **beside}
        if "slug" in body and each.path != "slug":
            body["slug"] = await placeholders.fill("{new_slug}")
        _put(body, each.path.split("."))
        method, _, path = (await placeholders.fill(case.operation)).partition(" ")
        content = json.dumps(body).replace(json.dumps(MARK), string)
        headers = {"authorization": f"Bearer {actor.token}", "content-type": "application/json"}
        response = await actor.person.http.request(
            method, path, content=content.encode(), headers=headers
        )
        title = f"{each.function} with {each.path} = {string[:60]}"
        tally.take(title, response.status_code, response.text)
        if is_used_up and response.is_success:
            shown = Response(response.status_code, None, {}, response.text)
            await placeholders.restore(each.function, shown)


def allowed_persona(function: str, kind: SceneKind) -> Persona | None:
    """The one with the least rights of those who may; None where nobody may in such a scene."""
    case, policy = ROUTE_CASES[function], declared_functions()[function].policy
    allowed = (
        persona
        for persona in LEAST_RIGHTS_FIRST
        if expected_refusal(function, case, policy, kind=kind, persona=persona) is None
    )
    return next(allowed, None)


async def send_in_addresses(scene: ForumScene, every: int, tally: Tally) -> None:
    """As a whole part of a path, and in queries."""
    owner = scene.personas[Persona.OWNER].person
    for place, address in enumerate(ADDRESSES):
        for text in SHORT[place % every :: every]:
            quoted = quote(text.encode("utf-8", "surrogatepass"), safe="")
            path = address.format(text=quoted, forum=scene.slug, post=scene.resources["post"])
            response = await owner.request("GET", path)
            title = f"GET {address} with {text[:60]!r}"
            tally.take(title, response.status_code, response.text)


def unsafe_rows(system: System) -> list[str]:
    """HTML in the tables, and names that nobody can see or that change the lines around them."""
    if not isinstance(system, LocalSystem):
        return []
    rows = system.query(
        "SELECT body_html FROM posts UNION ALL SELECT body_html FROM comments"
        " UNION ALL SELECT content_html FROM messages"
    )
    unsafe = [f"stored: {each}" for (html,) in rows for each in unsafe_parts(html)]
    return unsafe + [f"stored: {name!a}" for (name,) in system.query(NAMES) if not is_a_line(name)]


def is_a_line(name: str) -> bool:
    """Of a name: something of it can be seen, in one line and in the direction of its letters."""
    turns = unicodedata.bidirectional
    return VISIBLE.search(name) is not None and not any(
        unicodedata.category(mark) in ("Cc", "Zl", "Zp") or turns(mark) in TURNING for mark in name
    )


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


def _unsafe_parts_of(document: Any) -> Iterator[str]:
    """In all `body_html` and `content_html` of it."""
    if isinstance(document, dict):
        for name, value in document.items():
            if name in ("body_html", "content_html"):
                yield from unsafe_parts(value)
            else:
                yield from _unsafe_parts_of(value)
    elif isinstance(document, list):
        for each in document:
            yield from _unsafe_parts_of(each)
