"""S8: requests that Schemathesis makes from the API's own document, valid and invalid ones. No
response is a server error, each has a documented status, content type and schema, and no invalid
request is accepted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field

import pytest
import requests

from tests.conftest import Report, Size
from tests.person import Document
from tests.proofs.conversation_scene import ConversationScene
from tests.proofs.documented_operations import (
    DocumentedOperation,
    Examples,
    Operation,
    Tally,
    operations_of,
)
from tests.proofs.expectations import declared_functions, expected_refusal
from tests.proofs.forum_scene import ForumScene
from tests.proofs.personas import Persona, registered
from tests.proofs.route_cases import ROUTE_CASES
from tests.proofs.scenes import CONVERSATION, INPUT_KINDS, Scene, SceneKind
from tests.system import System

CALLERS = (Persona.OWNER, Persona.AUTHOR, Persona.ADMIN, Persona.MEMBER, Persona.STRANGER)
FEW = Examples(chosen=3, random=0)
SYSTEMATIC = Examples(chosen=None, random=0)
ALL = Examples(chosen=None, random=100)


@dataclass(slots=True)
class Trial:
    """Of the operations of one kind of scene."""

    system: System
    kind: SceneKind
    http: requests.Session
    tally: Tally = field(default_factory=Tally)
    people: AsyncExitStack = field(default_factory=AsyncExitStack)
    _scene: Scene | None = None
    _has_written: bool = False
    _roles: list[str | None] = field(default_factory=list)

    async def try_out(self, name: str, operation: Operation, examples: Examples) -> None:
        caller = self._caller(name)
        if caller is None:
            return
        scene, case = await self._intact_scene(), self.kind.cases[name]
        actor = scene.personas[caller]
        tried = DocumentedOperation(operation, case, actor, self.system.url, self.http, self.tally)
        await tried.try_out(name, scene.placeholders(actor, fresh=True), examples)
        self._has_written = not case.is_read

    async def _intact_scene(self) -> Scene:
        """A new one where a valid request has ended a session or changed a role."""
        scene = self._scene
        if scene is None or (self._has_written and await _roles(scene) != self._roles):
            await self.people.aclose()
            personas = [each for each in self.kind.personas if each in (*CALLERS, Persona.BANNED)]
            people = await self.people.enter_async_context(registered(self.system, personas))
            self._scene = scene = await self.kind.create(people)
            self._roles = await _roles(scene)
        return scene

    def _caller(self, name: str) -> Persona | None:
        """None where nobody may in such a scene."""
        case, policy = self.kind.cases[name], declared_functions()[name].policy
        allowed = (
            persona
            for persona in CALLERS
            if expected_refusal(name, case, policy, kind=self.kind, persona=persona) is None
        )
        return next(allowed, None)


async def _roles(scene: Scene) -> list[str | None]:
    if isinstance(scene, ForumScene):
        place = f"forums/{scene.slug}"
    else:
        assert isinstance(scene, ConversationScene)
        place = f"conversations/{scene.group}"
    responses = [await scene.personas[each].call(f"GET /{place}") for each in CALLERS]
    return [response.document.get("role") for response in responses]


@asynccontextmanager
async def trial(system: System, kind: SceneKind) -> AsyncIterator[Trial]:
    with requests.Session() as http:
        http.trust_env = False
        attempt = Trial(system, kind, http)
        async with attempt.people:
            yield attempt


async def fetch_document(system: System) -> Document:
    response = await system.new_http().get("/openapi.json")
    assert response.is_success, response.text
    document: Document = response.json()
    return document


@pytest.mark.parametrize("kind", INPUT_KINDS, ids=lambda kind: kind.title)
async def test_each_response_is_as_documented(
    system: System, kind: SceneKind, size: Size, report: Report
) -> None:
    operations = operations_of(await fetch_document(system))
    assert operations.keys() <= ROUTE_CASES.keys(), "each operation has a route case"
    names = [name for name in kind.cases if name in operations]
    async with trial(system, kind) as attempt:
        for name in names:
            await attempt.try_out(name, operations[name], size(FEW, ALL))
    tally = attempt.tally
    report(
        f"S8 Schemathesis in {kind.title}",
        operations=len(names),
        requests=tally.requests,
        **{str(status): number for status, number in sorted(tally.statuses.items())},
        wrong=len(tally.wrong),
    )
    assert not tally.wrong, "\n".join(tally.wrong.values())


async def test_a_response_that_the_document_does_not_promise_is_found(system: System) -> None:
    """The document is changed, since what breaks the promise may be either."""
    document = deepcopy(await fetch_document(system))
    schemas = document["components"]["schemas"]
    del document["paths"]["/me"]["patch"]["responses"]["422"]
    schemas["Me"]["properties"]["username"]["type"] = "integer"
    schemas["MessageDraft"]["properties"]["content"]["maxLength"] = 3
    operations = operations_of(document)
    async with trial(system, CONVERSATION) as attempt:
        for name in ("change_me", "show_me", "send_message"):
            await attempt.try_out(name, operations[name], SYSTEMATIC)
    assert set(attempt.tally.wrong) >= {
        ("PATCH /me", "Undocumented status code"),
        ("GET /me", "Response violates schema"),
        ("POST /messages", "Schema-violating request accepted"),
    }
