"""Calls operations with requests that Schemathesis makes from the API's document, and holds the
responses against it.

The parameters of paths, and ids in bodies, are those of route cases: with random ones almost every
response would be 404.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from jsonschema import Draft202012Validator
from schemathesis import Case as GenericCase
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core import NOT_SET
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response as HTTPResponse
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks

from tests.person import Document
from tests.proofs.personas import Actor, Response
from tests.proofs.placeholders import Placeholders
from tests.proofs.route_cases import RouteCase

Case = GenericCase[Any]
Operation = APIOperation[Any, Any, Any, Any]

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
"""Not among them: that each request which fits the schema is accepted. A cursor is a string, but
not each string is a cursor."""


@dataclass(frozen=True, slots=True)
class Examples:
    """How many generated requests an operation gets. `chosen`: of the systematic ones, those of the
    kinds that other operations got least often; None for all. `random`: valid ones, and as many
    invalid ones.
    """

    chosen: int | None
    random: int


@dataclass(slots=True)
class Tally:
    """`kinds`: how often requests of each kind were chosen; `wrong`: the first of each kind of
    failure of an operation.
    """

    kinds: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, label: str, failure: Failure, *, case: Case, response: HTTPResponse) -> None:
        sent = f"{case.query or ''} {case.body if case.body is not NOT_SET else ''!r:.300}"
        text = f"{failure.message}\n  sent: {sent}\n  {response.status_code} {response.text:.300}"
        self.wrong.setdefault((label, failure.title), f"{label}: {failure.title}: {text}")

    @property
    def requests(self) -> int:
        return self.statuses.total()


def operations_of(document: Document) -> dict[str, Operation]:
    """By the name of the function. Without `security`: requests without a token are S1's."""
    paths = {
        path: {method: _without(operation, "security") for method, operation in item.items()}
        for path, item in document["paths"].items()
    }
    schema = schemathesis.openapi.from_dict({**_without(document, "security"), "paths": paths})
    operations = []
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result.err()
        operations.append(result.ok())
    return {operation.definition.raw["operationId"]: operation for operation in operations}


HEAD_TOO_LARGE = 431
GATEWAY_HEAD_BYTES = 10_240
OTHER_HEAD_BYTES = 1_000
"""All but the address, at most."""


@dataclass(slots=True)
class DocumentedOperation:
    """An operation that `actor` calls at `url`, with what its route case needs."""

    operation: Operation
    case: RouteCase
    actor: Actor
    url: str
    http: requests.Session
    tally: Tally

    async def try_out(self, name: str, placeholders: Placeholders, examples: Examples) -> str:
        """Invalid requests first, since valid ones use the resource up; one in which nothing is
        invalid after all, because the operation has too little input, may have done that too.

        Returns what is wrong where the request of the route case is refused.
        """
        path = await placeholders.fill(self.case.operation)
        body = await placeholders.fill(self.case.body)
        address, _, query = path.partition(" ")[2].partition("?")
        values = self._path_parameters(address)
        fields = self._filled_fields(body)
        is_used_up = await self._send_all(GenerationMode.NEGATIVE, values, fields, examples)
        response = await self._send(self._route_case(values, dict(parse_qsl(query)), body))
        if 200 <= response.status_code < 300:
            document = json.loads(response.content or b"{}") if _is_json(response) else {}
            shown = Response(response.status_code, None, document, response.text)
            await placeholders.restore(name, shown)
        elif not is_used_up:
            return f"{name}, as its route case has it: {response.status_code} {response.text}"
        await self._send_all(GenerationMode.POSITIVE, values, fields, examples)
        return ""

    async def _send_all(
        self,
        mode: GenerationMode,
        values: dict[str, str],
        fields: dict[str, Any],
        examples: Examples,
    ) -> bool:
        """Returns whether one of them succeeded."""
        succeeded = False
        for case in _generated(self.operation, mode, examples, self.tally.kinds):
            if not _is_invalid(case, ParameterLocation.PATH):
                case.path_parameters = {**case.path_parameters, **values}
            if isinstance(case.body, dict):
                self._fill_body(case, case.body, fields)
            succeeded |= (await self._send(case)).status_code < 300
        return succeeded

    def _fill_body(self, case: Case, body: dict[str, Any], fields: dict[str, Any]) -> None:
        """With the ids of the route case, and without ids that it does not have. Unless the body
        would be valid then, and is not to be.
        """
        kept = {name: value for name, value in body.items() if name not in self._other_ids()}
        if not (_is_invalid(case, ParameterLocation.BODY) and self._is_valid({**kept, **fields})):
            case.body = {**kept, **fields}

    def _is_valid(self, body: dict[str, Any]) -> bool:
        return Draft202012Validator(self._body_schema()).is_valid(body)

    def _other_ids(self) -> set[str]:
        """The optional fields that are ids, which random values make refer to nothing."""
        schema = self._body_schema()
        model = schema["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        ids = {name for name, each in model["properties"].items() if "'uuid'" in str(each)}
        return ids - set(self.case.body or ())

    def _body_schema(self) -> dict[str, Any]:
        content = self.operation.definition.raw["requestBody"]["content"]["application/json"]
        components = self.operation.schema.raw_schema["components"]
        return {**content["schema"], "components": components}

    async def _send(self, case: Case) -> HTTPResponse:
        actor = self.actor
        if self.case.own_session:
            actor = await actor.with_own_session()
        headers = {"Authorization": f"Bearer {actor.token}"}
        case.freeze_metadata()  # what was valid or not stays so with the ids of the scene
        response = case.call(base_url=self.url, headers=headers, session=self.http)
        self.tally.statuses[response.status_code] += 1
        if response.status_code == HEAD_TOO_LARGE:  # the gateway's own answer, not the operation's
            assert len(response.request.url or "") > GATEWAY_HEAD_BYTES - OTHER_HEAD_BYTES
            return response
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as failures:
            for failure in failures.exceptions:
                assert isinstance(failure, Failure)
                self.tally.add(self.operation.label, failure, case=case, response=response)
        return response

    def _route_case(self, values: dict[str, str], query: dict[str, str], body: Any) -> Case:
        if body is None:
            return self.operation.Case(path_parameters=values, query=query)
        return self.operation.Case(
            path_parameters=values, query=query, body=body, media_type="application/json"
        )

    def _path_parameters(self, path: str) -> dict[str, str]:
        steps = zip(self.operation.path.split("/"), path.split("/"), strict=True)
        return {name[1:-1]: value for name, value in steps if name.startswith("{")}

    def _filled_fields(self, body: Any) -> dict[str, Any]:
        """The fields of the route case that have placeholders."""
        if not isinstance(self.case.body, dict):
            return {}
        return {name: body[name] for name, value in self.case.body.items() if "{" in str(value)}


def _generated(
    operation: Operation, mode: GenerationMode, examples: Examples, kinds: Counter[str]
) -> Iterator[Case]:
    generation = operation.schema.config.generation
    systematic = operation.schema.iter_coverage_cases(
        operation, generation_modes=[mode], generation_config=generation
    )
    cases = [case for case in systematic if case.method == operation.method.upper()]
    yield from cases if examples.chosen is None else _rarest(cases, examples.chosen, kinds)
    yield from _random(operation, mode, examples.random)


def _random(operation: Operation, mode: GenerationMode, number: int) -> list[Case]:
    """The same ones in each run."""
    cases: list[Case] = []
    if number == 0:
        return cases

    @settings(
        max_examples=number,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def collect(case: Case) -> None:
        cases.append(case)

    try:
        collect()
    except Unsatisfiable:  # an operation without input has no invalid one
        assert not cases and mode is GenerationMode.NEGATIVE
    return cases


def _rarest(cases: list[Case], number: int, kinds: Counter[str]) -> Iterator[Case]:
    for _ in range(min(number, len(cases))):
        case = min(cases, key=lambda each: kinds[_kind_of(each)])
        cases.remove(case)
        kinds[_kind_of(case)] += 1
        yield case


def _kind_of(case: Case) -> str:
    """What is valid or not about it, wherever that is."""
    assert case.meta is not None
    about = str(getattr(case.meta.phase.data, "description", ""))
    return f"{case.meta.generation.mode.value} {about.rpartition(': ')[2]}"


def _is_invalid(case: Case, location: ParameterLocation) -> bool:
    component = case.meta.components.get(location) if case.meta is not None else None
    return component is not None and component.mode is GenerationMode.NEGATIVE


def _is_json(response: HTTPResponse) -> bool:
    """A page is not; that each response is of its documented type is checked elsewhere."""
    (media_type,) = response.headers.get("content-type", ["application/json"])
    return "json" in media_type


def _without(document: Any, name: str) -> Any:
    if not isinstance(document, dict):
        return document
    return {key: value for key, value in document.items() if key != name}
