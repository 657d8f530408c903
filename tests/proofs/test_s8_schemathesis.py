"""S8: requests that Schemathesis makes from the API's own document, valid and invalid ones. No
response is a server error, each has a documented status, content type and schema, and no invalid
request is accepted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from copy import deepcopy
from dataclasses import dataclass, field

import pytest
import requests

from tests.conftest import Report, Size
from tests.person import Document
from tests.proofs.cast import Cast
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
from tests.proofs.personas import Persona
from tests.proofs.route_cases import ROUTE_CASES
from tests.proofs.scenes import CONVERSATION, Scene, SceneKind
from tests.system import LocalSystem, System

CALLERS = (Persona.OWNER, Persona.AUTHOR, Persona.ADMIN, Persona.MEMBER, Persona.STRANGER)
FEW = Examples(chosen=1, random=0)
SYSTEMATIC = Examples(chosen=None, random=0)
ALL = Examples(chosen=None, random=100)


@dataclass(slots=True)
class Trial:
    """Of the operations of one kind of scene. `cast`: of all trials, anew where a valid request has
    ended a session or changed a role.
    """

    system: System
    cast: Cast
    kind: SceneKind
    http: requests.Session
    tally: Tally = field(default_factory=Tally)
    _people: AsyncExitStack = field(default_factory=AsyncExitStack)
    _scene: Scene | None = None
    _roles: list[str | None] = field(default_factory=list)

    async def begin(self) -> None:
        await self._renew()

    async def try_out(self, name: str, operation: Operation, examples: Examples) -> None:
        caller = self._caller(name)
        if caller is None:
            return
        refused = await self._refused(name, caller, operation, examples)
        if refused and not await self._is_intact():
            await self._renew()
            refused = await self._refused(name, caller, operation, examples)
        if refused:
            self.tally.wrong[name, "refused"] = refused

    async def end(self) -> None:
        """Leaves the people as it found them, or leaves new ones."""
        if self._scene is not None and not await self._is_intact():
            await self.cast.dismiss()
        await self._people.aclose()

    async def _refused(
        self, name: str, caller: Persona, operation: Operation, examples: Examples
    ) -> str:
        if self._scene is None:
            await self._renew()
        assert self._scene is not None
        scene, case = self._scene, self.kind.cases[name]
        actor = scene.personas[caller]
        tried = DocumentedOperation(operation, case, actor, self.system.url, self.http, self.tally)
        try:
            return await tried.try_out(name, scene.placeholders(actor, fresh=True), examples)
        except AssertionError as failure:  # what the call needs cannot be made by those people
            return str(failure)

    async def _renew(self) -> None:
        if self._scene is not None:
            await self.cast.dismiss()
            await self._people.aclose()
        personas = [each for each in self.kind.personas if each in (*CALLERS, Persona.BANNED)]
        people = await self._people.enter_async_context(self.cast.acting(personas))
        self._scene = await self.kind.create(people)
        self._roles = await _roles(self._scene)

    async def _is_intact(self) -> bool:
        return self._scene is not None and await _roles(self._scene) == self._roles

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
async def trial(system: System, cast: Cast, kind: SceneKind) -> AsyncIterator[Trial]:
    with requests.Session() as http:
        http.trust_env = False
        attempt = Trial(system, cast, kind, http)
        try:
            yield attempt
        finally:
            await attempt.end()


@pytest.fixture(scope="module")
async def trial_cast(system: System) -> AsyncIterator[Cast]:
    """Of this proof alone, since valid requests may change what others need of people."""
    people = Cast(system, is_lasting=True)
    yield people
    await people.dismiss()


async def fetch_document(system: System) -> Document:
    response = await system.new_http().get("/openapi.json")
    assert response.is_success, response.text
    document: Document = response.json()
    return document


async def test_each_response_is_as_documented(
    system: System, trial_cast: Cast, kind: SceneKind, size: Size, report: Report
) -> None:
    operations = operations_of(await fetch_document(system))
    assert operations.keys() <= ROUTE_CASES.keys(), "each operation has a route case"
    names = [name for name in kind.cases if name in operations]
    async with trial(system, trial_cast, kind) as attempt:
        await attempt.begin()
        rests = size(True, False)  # consumers, once the notifications of the scene are there
        with system.held_nudges() if isinstance(system, LocalSystem) and rests else nullcontext():
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


async def test_a_response_that_the_document_does_not_promise_is_found(
    system: System, trial_cast: Cast
) -> None:
    """The document is changed, since what breaks the promise may be either."""
    document = deepcopy(await fetch_document(system))
    schemas = document["components"]["schemas"]
    del document["paths"]["/me"]["patch"]["responses"]["422"]
    schemas["Me"]["properties"]["username"]["type"] = "integer"
    schemas["MessageDraft"]["properties"]["content"]["maxLength"] = 3
    operations = operations_of(document)
    async with trial(system, trial_cast, CONVERSATION) as attempt:
        for name in ("change_me", "show_me", "send_message"):
            await attempt.try_out(name, operations[name], SYSTEMATIC)
    assert set(attempt.tally.wrong) >= {
        ("PATCH /me", "Undocumented status code"),
        ("GET /me", "Response violates schema"),
        ("POST /messages", "Schema-violating request accepted"),
    }
