"""Every model of client input forbids unknown fields."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Annotated, get_args, get_origin

import pytest
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, NaiveDatetime

from cgraph.core import policies
from cgraph.core.fields import Body, Model, QueryParameters, TimestampInput
from cgraph.core.strict_route import StrictRoute
from cgraph.realtime.models import Connection
from cgraph.realtime.sockets import Reply, frame_handler
from cgraph_local.api_documents.inventory import http_functions, socket_actions
from tests.contract.checkout import CHECKOUT

FUNCTIONS = CHECKOUT / "functions"
(WRITTEN_OUT,) = (each for each in get_args(TimestampInput) if isinstance(each, BeforeValidator))


def test_every_route_refuses_unknown_fields() -> None:
    for function in http_functions(FUNCTIONS):
        assert isinstance(function.route, StrictRoute), f"{function.name}: make it with new_app"
        dependant = function.route.dependant
        for param in (*dependant.body_params, *dependant.query_params):
            assert lenient(param.field_info.annotation) == [], function.name


def test_every_action_refuses_unknown_fields() -> None:
    for action in socket_actions(FUNCTIONS):
        assert lenient(action.data) == [], action.name


def test_a_frame_handler_refuses_a_model_that_allows_unknown_fields() -> None:
    class Lenient(Model):
        text: str

    async def shout(connection: Connection, data: Lenient) -> Reply:
        return {}

    with pytest.raises(AssertionError, match="Lenient must be a Body"):
        frame_handler(shout, data=Lenient, policy=policies.SIGNED_IN)  # type: ignore[type-var]


def test_a_lenient_model_is_found_at_any_depth() -> None:
    class Lenient(BaseModel):
        text: str

    class Loosened(Body):
        model_config = ConfigDict(extra="ignore")

    class Draft(Body):
        parts: list[Lenient | None]
        other: Loosened

    assert lenient(dict[str, Draft]) == ["Lenient", "Loosened"]


def test_every_time_that_clients_send_is_written_out() -> None:
    for function in http_functions(FUNCTIONS):
        dependant = function.route.dependant
        for param in (*dependant.body_params, *dependant.query_params):
            assert other_times(param.field_info.annotation) == [], function.name
    for action in socket_actions(FUNCTIONS):
        assert other_times(action.data) == [], action.name


def test_a_time_of_another_type_is_found_at_any_depth() -> None:
    class Draft(Body):
        until: AwareDatetime | None
        times: list[Annotated[datetime, "noted"]]
        right: TimestampInput | None
        day: date | None = None

    assert other_times(list[Draft]) == ["Draft.until", "Draft.times", "Draft.day"]


def other_times(annotation: object) -> list[str]:
    """The fields in it, at any depth, that are a time but no TimestampInput."""
    return [
        f"{model.__name__}.{name}"
        for model in _models(annotation)
        for name, field in model.model_fields.items()
        if WRITTEN_OUT not in field.metadata and _has_other_time(field.annotation)
    ]


def _has_other_time(annotation: object) -> bool:
    if annotation in (AwareDatetime, NaiveDatetime, datetime, date, time, timedelta):
        return True
    if get_origin(annotation) is Annotated:
        first, *metadata = get_args(annotation)
        return WRITTEN_OUT not in metadata and _has_other_time(first)
    return any(_has_other_time(part) for part in get_args(annotation))


def lenient(annotation: object) -> list[str]:
    """The models in it, at any depth, that do not forbid unknown fields."""
    return [model.__name__ for model in _models(annotation) if not _forbids(model)]


def _forbids(model: type[BaseModel]) -> bool:
    strict = issubclass(model, Body | QueryParameters)
    return strict and model.model_config.get("extra") == "forbid"


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from _models(field.annotation)
    for argument in get_args(annotation):
        yield from _models(argument)
