"""Reads template.yaml into a `Stack`."""

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
from cgraph_local.template.resolved_template import ResolvedTemplate
from cgraph_local.template.stack import Stack
from cgraph_local.template.stack_context import StackContext, api_id
from cgraph_local.template.translate import translate


def read_stack(path: Path, *, context: StackContext, cache: Path | None = None) -> Stack:
    """Raises TemplateRefused with everything in the template that is not supported locally."""
    return resolve_stack(translate(path, cache=cache), root=path.resolve().parent, context=context)


def resolve_stack(template: Mapping[str, Any], *, root: Path, context: StackContext) -> Stack:
    """Makes a `Stack` of a translated template. Raises TemplateRefused.

    `root`: the folder that the template's code folders are relative to.
    """
    resolved = ResolvedTemplate(template, root=root, context=context)
    http_api, socket_api = api_resources(resolved)
    stack = Stack(
        functions=read_functions(
            resolved, http_api=api_id(http_api or ""), socket_api=api_id(socket_api or "")
        ),
        http_api=read_http_api(resolved, http_api) if http_api else None,
        socket_api=read_socket_api(resolved, socket_api) if socket_api else None,
        queues=read_queues(resolved),
        queue_triggers=tuple(read_queue_triggers(resolved)),
        schedules=tuple(read_schedules(resolved)),
        buckets=read_buckets(resolved),
        bucket_triggers=tuple(read_bucket_triggers(resolved)),
    )
    if resolved.problems:
        raise TemplateRefused(resolved.problems)
    return stack
