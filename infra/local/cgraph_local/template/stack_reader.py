"""From template.yaml to a `Stack`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cgraph_local.template.apis import api_resources, read_http_api, read_socket_api
from cgraph_local.template.event_sources import (
    read_bucket_triggers,
    read_buckets,
    read_queue_triggers,
    read_queues,
    read_schedules,
)
from cgraph_local.template.functions import read_functions
from cgraph_local.template.problems import TemplateRefused
from cgraph_local.template.resolved_template import Reading
from cgraph_local.template.stack import Stack
from cgraph_local.template.stack_context import Surroundings, api_id
from cgraph_local.template.translate import translate


def read_stack(path: Path, *, surroundings: Surroundings, cache: Path | None = None) -> Stack:
    """Raises TemplateRefused with everything that the local cloud does not carry out."""
    return resolve_stack(
        translate(path, cache=cache), root=path.resolve().parent, surroundings=surroundings
    )


def resolve_stack(template: Mapping[str, Any], *, root: Path, surroundings: Surroundings) -> Stack:
    reading = Reading(template, root=root, surroundings=surroundings)
    http_api, socket_api = api_resources(reading)
    stack = Stack(
        functions=read_functions(
            reading, http_api=api_id(http_api or ""), socket_api=api_id(socket_api or "")
        ),
        http_api=read_http_api(reading, http_api) if http_api else None,
        socket_api=read_socket_api(reading, socket_api) if socket_api else None,
        queues=read_queues(reading),
        queue_triggers=tuple(read_queue_triggers(reading)),
        schedules=tuple(read_schedules(reading)),
        buckets=read_buckets(reading),
        bucket_triggers=tuple(read_bucket_triggers(reading)),
    )
    if reading.problems:
        raise TemplateRefused(reading.problems)
    return stack
