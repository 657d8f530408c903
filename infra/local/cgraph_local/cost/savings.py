"""Possible savings: the same bill with one thing changed."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from cgraph_local.cost.bill import calculate_bill
from cgraph_local.cost.prices import PriceSheet
from cgraph_local.cost.scenario import Scenario

Change = Callable[[Scenario], Scenario]


def _assume(**changes: float) -> Change:
    return lambda scenario: replace(scenario, assumptions=scenario.assumptions.changed(changes))


def _without_platform_lines(scenario: Scenario) -> Scenario:
    return replace(scenario, resources=replace(scenario.resources, platform_lines=False))


def _without_edge(scenario: Scenario) -> Scenario:
    return replace(scenario, resources=replace(scenario.resources, edge=False, secrets=0))


def _without_opensearch(scenario: Scenario) -> Scenario:
    return replace(scenario, resources=replace(scenario.resources, search_nodes=0))


CHANGES: tuple[tuple[str, Change], ...] = (
    (
        "a heartbeat of 240 s, where API Gateway closes after 600 s of silence",
        _assume(heartbeat_seconds=240),
    ),
    (
        "Lambda's START, END and REPORT off (LoggingConfig: JSON, SystemLogLevel: WARN)",
        _without_platform_lines,
    ),
    (
        "no typing and presence events over the socket",
        _assume(further_frames=0, ephemeral_share=0),
    ),
    ("no edge (Edge=none): no firewall, and the API's own address", _without_edge),
    ("no OpenSearch (Search=none): Postgres searches", _without_opensearch),
    ("half as many read markers: one per conversation and visit", _assume(mark_read=8)),
    ("three push jobs per invocation, by a short batching window", _assume(jobs_per_batch=3)),
    ("three months of history instead of twelve", _assume(history_months=3)),
)


@dataclass(frozen=True, slots=True)
class Saving:
    name: str
    alone: float
    """What it saves, in USD a month."""
    total: float
    """The bill with this change and all before it."""


def savings(scenario: Scenario, prices: PriceSheet) -> list[Saving]:
    """The largest saving first. Changes that save nothing are left out."""
    current = calculate_bill(scenario, prices).usd
    alone = [
        (current - calculate_bill(change(scenario), prices).usd, name, change)
        for name, change in CHANGES
    ]
    result: list[Saving] = []
    for saved, name, change in sorted(alone, key=lambda saving: -saving[0]):
        if saved >= 0.01:
            scenario = change(scenario)
            result.append(Saving(name, saved, calculate_bill(scenario, prices).usd))
    return result
