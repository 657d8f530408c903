"""The lines of the bill, before they are priced."""

from collections.abc import Iterator
from dataclasses import dataclass

from cgraph_local.cost.compute import compute
from cgraph_local.cost.prices import PriceSheet
from cgraph_local.cost.scenario import Scenario
from cgraph_local.cost.usage import GB, Usage

HOURS = 730
PLAN_GB = 50 * 1024
PLAN_REQUESTS = {"cdn_pro": 10e6, "cdn_business": 125e6, "cdn_premium": 500e6}
"""Of CloudFront's flat-rate plans: what they hold."""


@dataclass(frozen=True, slots=True)
class Charge:
    """So many units of what has a price."""

    name: str
    price: str
    units: float


def charges(scenario: Scenario, prices: PriceSheet) -> Iterator[Charge]:
    usage = Usage(scenario)
    yield from _interfaces(usage)
    yield from _functions(usage)
    yield from _database(usage, prices)
    yield from _cache(usage)
    yield from _network(usage)
    yield from _media(usage, prices)
    yield from _watching(usage)
    yield Charge("Domain", "hosted_zone", scenario.assumed.hosted_zones)


def _interfaces(usage: Usage) -> Iterator[Charge]:
    yield Charge("HTTP API", "http_request", usage.http_requests)
    yield Charge("Sockets: messages in and out", "socket_message", usage.frames)
    yield Charge("Sockets: connection-minutes", "socket_minute", usage.connection_minutes)
    yield Charge("Data to people", "data_out", usage.gb_out)


def _functions(usage: Usage) -> Iterator[Charge]:
    used = compute(usage)
    yield Charge("Lambda: invocations", "invocation", used.invocations)
    yield Charge("Lambda: memory × time", "gb_second", used.gb_seconds)
    yield Charge("Lambda: SnapStart", "snapshot_month", usage.scenario.stacks.snapshots)
    yield Charge("SQS", "queue_request", usage.queue_requests)


def _database(usage: Usage, prices: PriceSheet) -> Iterator[Charge]:
    stacks, a = usage.scenario.stacks, usage.assumed
    kind = f"{'aurora ' if stacks.clustered else ''}{stacks.instance_class}"
    yield Charge("Postgres: instances", kind, stacks.instances * HOURS)
    if stacks.clustered:
        changed_gb = usage.new_gb / a.days * stacks.backup_days
        yield Charge("Postgres: storage", "aurora_storage", usage.database_gb)
        yield Charge("Postgres: storage operations", "aurora_io", usage.storage_operations)
        yield Charge("Postgres: backups", "aurora_backup", usage.database_gb + changed_gb)
    else:
        yield Charge("Postgres: storage and backups", "instance_storage", usage.database_gb)
    vcpus = prices[kind].vcpus * stacks.instances
    yield Charge("RDS Proxy", "proxy_vcpu", vcpus * HOURS)
    yield Charge(
        "RDS Proxy: endpoint of the readers",
        "proxy_endpoint",
        stacks.proxy_endpoints * stacks.zones * HOURS,
    )


def _cache(usage: Usage) -> Iterator[Charge]:
    yield Charge("Valkey: memory", "cache_gb_hour", max(0.1, usage.cache_gb) * HOURS)
    yield Charge("Valkey: commands", "cache_unit", usage.cache_commands)


def _network(usage: Usage) -> Iterator[Charge]:
    stacks = usage.scenario.stacks
    zone_hours = stacks.endpoints * stacks.zones * HOURS
    yield Charge("Endpoint of SQS", "interface_endpoint", zone_hours)
    sent_gb = usage.push_jobs * usage.assumed.request_kb * 1e3 / GB if zone_hours else 0.0
    yield Charge("Endpoint of SQS: data", "interface_gb", sent_gb)
    yield Charge("Between zones", "between_zones", usage.gb_between_zones)


def _media(usage: Usage, prices: PriceSheet) -> Iterator[Charge]:
    a, users = usage.assumed, usage.scenario.users
    active = users * a.active_share
    seen_gb = active * a.media_gb
    seen = seen_gb * 1e6 / a.media_kb
    yield Charge("S3: kept", "object_gb_month", users * a.stored_mb / 1e3)
    yield Charge("S3: written", "object_write", 2 * usage.people_days * a.uploads)
    yield Charge("S3: read by CloudFront", "object_read", seen * a.origin_share)
    yield from _delivery(seen_gb, seen, prices)


def _delivery(seen_gb: float, seen: float, prices: PriceSheet) -> list[Charge]:
    """By use or on a plan, whichever is cheaper."""
    by_use = [
        Charge("CloudFront: data", "cdn_gb", seen_gb),
        Charge("CloudFront: requests", "cdn_request", seen),
    ]
    plans = [
        [Charge("CloudFront: plan", plan, 1)]
        for plan, most in PLAN_REQUESTS.items()
        if seen_gb <= PLAN_GB and seen <= most
    ]

    def asked(offer: list[Charge]) -> float:
        priced = [(prices[one.price], one.units) for one in offer]
        return sum(price.of(units) - price.free_part(units) for price, units in priced)

    return min([by_use, *plans], key=asked)


def _watching(usage: Usage) -> Iterator[Charge]:
    stacks, a = usage.scenario.stacks, usage.assumed
    monitored = stacks.instances * a.monitoring_bytes * a.days * 24 * 60
    log_gb = (compute(usage).log_bytes + monitored) / GB
    kept = log_gb * a.log_kept_share * stacks.log_days / a.days
    yield Charge("Logs: taken in", "log_gb", log_gb)
    yield Charge("Logs: kept", "log_gb_month", kept)
    yield Charge("Metrics of our own", "metric", a.own_metrics + stacks.metric_filters)
    yield Charge("Alarms", "alarm", stacks.alarms)
    yield Charge("Dashboard", "dashboard", stacks.dashboards)
