"""The units that are charged, before prices are applied."""

from collections.abc import Iterator
from dataclasses import dataclass

from cgraph_local.cost.compute import lambda_compute
from cgraph_local.cost.database_load import HOURS, surplus_credits
from cgraph_local.cost.deployed_resources import DeployedResources
from cgraph_local.cost.prices import PriceSheet
from cgraph_local.cost.scenario import Scenario
from cgraph_local.cost.usage import GB, Usage

PLAN_GB = 50 * 1024
PLAN_REQUESTS = {"cdn_pro": 10e6, "cdn_business": 125e6, "cdn_premium": 500e6}
"""The limits of CloudFront's flat-rate plans."""


@dataclass(frozen=True, slots=True)
class Charge:
    """`units` of what the price named `price` is for."""

    name: str
    price: str
    units: float


def charges(scenario: Scenario, prices: PriceSheet) -> Iterator[Charge]:
    usage = Usage(scenario)
    yield from _apis(usage)
    yield from _functions(usage)
    yield from _database(usage, prices)
    yield from _cache(usage)
    yield from _search(usage)
    yield from _network(usage)
    yield from _edge(usage)
    yield from _media(usage, prices)
    yield from _observability(usage)
    yield Charge("Mail", "mail", scenario.users * scenario.assumptions.mails)
    yield Charge("Domain", "hosted_zone", scenario.assumptions.hosted_zones)


def _apis(usage: Usage) -> Iterator[Charge]:
    yield Charge("HTTP API", "http_request", usage.http_requests)
    yield Charge("Sockets: messages in and out", "socket_message", usage.frames)
    yield Charge("Sockets: connection-minutes", "socket_minute", usage.connection_minutes)
    http_gb = 0.0 if usage.scenario.resources.edge else usage.http_gb_out
    yield Charge("Data to users", "data_out", usage.socket_gb_out + http_gb)


def _functions(usage: Usage) -> Iterator[Charge]:
    lambda_usage = lambda_compute(usage)
    uploads = usage.active_days * usage.assumptions.uploads
    gb_seconds = lambda_usage.gb_seconds + uploads * usage.assumptions.upload_gb_seconds
    yield Charge("Lambda: invocations", "invocation", lambda_usage.invocations + uploads)
    yield Charge("Lambda: memory × time", "gb_second", gb_seconds)
    yield Charge("Lambda: SnapStart", "snapshot_month", usage.scenario.resources.snapshots)
    yield Charge("SQS", "queue_request", usage.queue_requests)


def database_kind(resources: DeployedResources) -> str:
    """The name of the price of a database instance."""
    return f"{_engine(resources)}{resources.instance_class}"


def _engine(resources: DeployedResources) -> str:
    return "aurora " if resources.clustered else ""


def _database(usage: Usage, prices: PriceSheet) -> Iterator[Charge]:
    resources, a = usage.scenario.resources, usage.assumptions
    engine, kind = _engine(resources), database_kind(resources)
    yield Charge("Postgres: writer", kind, HOURS)
    yield Charge("Postgres: readers", kind, (resources.instances - 1) * HOURS)
    credits = surplus_credits(usage, prices[kind])
    yield Charge("Postgres: CPU credits", f"{engine}cpu_credit", credits)
    if resources.clustered:
        changed_gb = usage.new_gb / a.days * resources.backup_days
        yield Charge("Postgres: storage", "aurora_storage", usage.database_gb)
        yield Charge("Postgres: storage operations", "aurora_io", usage.storage_operations)
        yield Charge("Postgres: backups", "aurora_backup", usage.database_gb + changed_gb)
    else:
        yield Charge("Postgres: storage and backups", "instance_storage", usage.database_gb)
    snapshots = "aurora_backup" if resources.clustered else "snapshot_gb"
    yield Charge("Postgres: kept snapshots", snapshots, a.kept_snapshots * usage.data_gb)
    vcpus = prices[kind].vcpus * resources.instances
    insights_hours = vcpus * HOURS if resources.advanced_insights else 0.0
    yield Charge("Postgres: Database Insights", "insights_vcpu", insights_hours)
    yield Charge("RDS Proxy", "proxy_vcpu", vcpus * HOURS)
    yield Charge(
        "RDS Proxy: reader endpoint",
        "proxy_endpoint",
        resources.proxy_endpoints * resources.zones * HOURS,
    )


def _cache(usage: Usage) -> Iterator[Charge]:
    yield Charge("Valkey: memory", "cache_gb_hour", max(0.1, usage.cache_gb) * HOURS)
    yield Charge("Valkey: commands", "cache_unit", usage.cache_commands)


def _search(usage: Usage) -> Iterator[Charge]:
    resources = usage.scenario.resources
    if not resources.search_nodes:
        return
    hours, disks = resources.search_nodes * HOURS, resources.search_nodes * resources.search_gb
    yield Charge("OpenSearch: nodes", resources.search_class, hours)
    yield Charge("OpenSearch: disks", "search_gb_month", disks)


def _network(usage: Usage) -> Iterator[Charge]:
    resources = usage.scenario.resources
    zone_hours = resources.endpoints * resources.zones * HOURS
    yield Charge("Endpoints of SQS and of keys", "interface_endpoint", zone_hours)
    sent_gb = usage.push_jobs * usage.assumptions.request_kb * 1e3 / GB if zone_hours else 0.0
    yield Charge("Endpoints: data", "interface_gb", sent_gb)
    yield Charge("Traffic between zones", "between_zones", usage.gb_between_zones)


def _edge(usage: Usage) -> Iterator[Charge]:
    """Without requests and data to users, which have one free tier with those of media."""
    resources, requests = usage.scenario.resources, usage.http_requests
    if not resources.edge:
        return
    sent_gb = requests * usage.assumptions.edge_request_bytes / GB
    yield Charge("Edge: function", "cdn_function", requests * resources.edge_functions)
    yield Charge("Edge: data to the API", "cdn_origin_gb", sent_gb)
    yield Charge("Edge: keys", "secret", resources.secrets)
    yield Charge("Firewall: web ACL", "firewall", 1)
    yield Charge("Firewall: rules", "firewall_rule", resources.firewall_rules)
    yield Charge("Firewall: requests", "firewall_request", requests)


def _media(usage: Usage, prices: PriceSheet) -> Iterator[Charge]:
    a, users = usage.assumptions, usage.scenario.users
    active = users * a.active_share
    viewed_gb = active * a.media_gb
    views = viewed_gb * 1e6 / a.media_kb
    yield Charge("S3: storage", "object_gb_month", users * a.stored_mb / 1e3)
    uploads = usage.active_days * a.uploads
    yield Charge("S3: writes", "object_write", uploads * a.upload_writes)
    yield Charge("S3: reads by CloudFront", "object_read", views * a.origin_share)
    yield Charge("Keys of media", "secret", usage.scenario.resources.media_secrets)
    edge = usage.scenario.resources.edge
    api = (usage.http_gb_out, usage.http_requests) if edge else (0.0, 0.0)
    yield from _content_delivery(viewed_gb, views, api, prices)


def _content_delivery(
    viewed_gb: float, views: float, api: tuple[float, float], prices: PriceSheet
) -> list[Charge]:
    """The cheaper of pay-as-you-go and the flat-rate plans, for media. `api`: GB and requests
    through the edge, which are paid by use.
    """
    api_gb, api_requests = api
    pay_as_you_go = [
        Charge("CloudFront: data", "cdn_gb", viewed_gb + api_gb),
        Charge("CloudFront: requests", "cdn_request", views + api_requests),
    ]
    plans = [
        [
            Charge("CloudFront: plan for media", plan, 1),
            Charge("CloudFront: data", "cdn_gb", api_gb),
            Charge("CloudFront: requests", "cdn_request", api_requests),
        ]
        for plan, max_requests in PLAN_REQUESTS.items()
        if viewed_gb <= PLAN_GB and views <= max_requests
    ]

    def cost(charges: list[Charge]) -> float:
        priced = [(prices[charge.price], charge.units) for charge in charges]
        return sum(price.of(units) - price.free_part(units) for price, units in priced)

    return min([pay_as_you_go, *plans], key=cost)


def _observability(usage: Usage) -> Iterator[Charge]:
    resources, a = usage.scenario.resources, usage.assumptions
    monitoring_bytes = resources.instances * a.monitoring_bytes * a.days * 24 * 60
    log_gb = (lambda_compute(usage).log_bytes + monitoring_bytes) / GB
    stored_gb = log_gb * a.log_kept_share * resources.log_days / a.days
    yield Charge("Logs: ingestion", "log_gb", log_gb)
    yield Charge("Logs: storage", "log_gb_month", stored_gb)
    yield Charge("Custom metrics", "metric", resources.custom_metrics)
    yield Charge("Alarms", "alarm", resources.alarms)
    yield Charge("Dashboard", "dashboard", resources.dashboards)
