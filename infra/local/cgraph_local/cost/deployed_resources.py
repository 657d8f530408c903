"""The resources that are deployed regardless of usage, read from template.yaml and infra/*.yaml,
and the custom metrics, read from the code.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

from cgraph_local.core.home import CHECKOUT
from cgraph_local.cost.custom_metrics import custom_metrics
from cgraph_local.template.intrinsics import Intrinsics
from cgraph_local.template.yaml_loader import load_template

SIZES = ("small", "medium", "large")
EGRESS = ("endpoints", "ipv6")
EDGES = ("auto", "none", "cloudfront")
SEARCH_STACKS = ("search", "search_alarms")
"""Those that only a stage with OpenSearch has."""
ZONES = {"small": 1, "medium": 2, "large": 3}
"""Availability zones of the functions, and so of the endpoints: FunctionSubnets of network.yaml."""


@dataclass(frozen=True, slots=True)
class DeployedResources:
    size: str
    egress: str
    instance_class: str
    clustered: bool
    instances: int
    proxy_endpoints: int
    backup_days: int
    endpoints: int
    search_nodes: int
    """Of OpenSearch; 0 without it."""
    search_class: str
    search_gb: int
    """The disk of each node."""
    edge: bool
    edge_functions: int
    firewall_rules: int
    secrets: int
    media_secrets: int
    advanced_insights: bool
    alarms: int
    """Metrics that alarms watch: each is billed as an alarm."""
    custom_metrics: int
    dashboards: int
    log_days: int
    queues_polled: int
    memory_mb: Mapping[str, int]
    """By function of the root template."""
    snapshots: int
    """Functions with SnapStart. Each has a published version, which is stored."""
    platform_lines: bool
    """Lambda writes START, END and REPORT to the log."""

    @property
    def zones(self) -> int:
        return ZONES[self.size]

    @classmethod
    def read(
        cls,
        size: str,
        *,
        egress: str,
        edge: str = "auto",
        search: str = "auto",
        checkout: Path = CHECKOUT,
    ) -> Self:
        parameters = {
            **{"Size": size, "Egress": egress, "Edge": edge, "Search": search},
            **{"FirstMediaKey": "key", "FirstKey": "key", "Secrets": "true"},  # it serves media
        }
        files = [checkout / "template.yaml", *(checkout / "infra").glob("*.yaml")]
        stacks = {
            path.stem: InfrastructureTemplate(path, parameters)
            for path in files
            if path.stem not in ("checkov", "pipeline")
        }
        root, database = stacks["template"], stacks["database"]
        if not root.condition("HasOpenSearch"):
            stacks = {name: each for name, each in stacks.items() if name not in SEARCH_STACKS}
        network, observability = stacks["network"], stacks["observability"]
        instances = list(database.resources("AWS::RDS::DBInstance"))
        databases = [*instances, *database.resources("AWS::RDS::DBCluster")]
        endpoints = network.resources("AWS::EC2::VPCEndpoint")
        return cls(
            size=size,
            egress=egress,
            instance_class=str(database.mapping_value("Sizes", size, "Class")),
            clustered=bool(list(database.resources("AWS::RDS::DBCluster"))),
            instances=len(instances),
            proxy_endpoints=len(list(database.resources("AWS::RDS::DBProxyEndpoint"))),
            backup_days=int(str(database.mapping_value("Sizes", size, "BackupDays"))),
            endpoints=sum(each.get("VpcEndpointType") == "Interface" for each in endpoints),
            edge=root.condition("Edged"),
            edge_functions=len(list(stacks["edge"].resources("AWS::CloudFront::Function"))),
            firewall_rules=sum(
                len(each["Rules"]) for each in stacks["firewall"].resources("AWS::WAFv2::WebACL")
            ),
            secrets=len(list(root.resources("AWS::SecretsManager::Secret"))),
            media_secrets=len(list(stacks["media"].resources("AWS::SecretsManager::Secret"))),
            advanced_insights=any(
                each.get("DatabaseInsightsMode") == "advanced" for each in databases
            ),
            alarms=sum(map(_watched_metrics, _all(stacks, "AWS::CloudWatch::Alarm"))),
            custom_metrics=len(custom_metrics(checkout))
            + len(list(_all(stacks, "AWS::Logs::MetricFilter"))),
            dashboards=len(list(observability.resources("AWS::CloudWatch::Dashboard"))),
            log_days=root.log_days(),
            **_search(stacks.get("search"), size),
            **root.functions(),
        )


def _search(stack: "InfrastructureTemplate | None", size: str) -> dict[str, Any]:
    if stack is None:
        return {"search_nodes": 0, "search_class": "", "search_gb": 0}
    return {
        "search_nodes": int(str(stack.mapping_value("Sizes", size, "Nodes"))),
        "search_class": str(stack.mapping_value("Sizes", size, "Class")),
        "search_gb": int(str(stack.mapping_value("Sizes", size, "Gigabytes"))),
    }


def _all(stacks: Mapping[str, "InfrastructureTemplate"], kind: str) -> Iterator[dict[str, Any]]:
    for stack in stacks.values():
        yield from stack.resources(kind)


def _watched_metrics(alarm: Mapping[str, Any]) -> int:
    """One, or those that a metric math expression reads."""
    return sum("MetricStat" in each for each in alarm.get("Metrics", [])) or 1


@cache
def _document(path: Path) -> dict[str, Any]:
    """Loaded once: the page of all bills reads each template many times."""
    return load_template(path)


class InfrastructureTemplate:
    """A template with parameters. Only its conditions and mappings are evaluated."""

    def __init__(self, path: Path, parameters: Mapping[str, str]) -> None:
        document = _document(path)
        defaults = {
            name: declared["Default"]
            for name, declared in document.get("Parameters", {}).items()
            if "Default" in declared
        }
        self._document = document
        self._intrinsics = Intrinsics(
            document, parameters={**defaults, **parameters}, return_value=lambda name, _: name
        )

    def resources(self, kind: str) -> Iterator[dict[str, Any]]:
        for resource in self._document["Resources"].values():
            condition = resource.get("Condition")
            if resource["Type"] == kind and (
                condition is None or self._intrinsics.condition(condition)
            ):
                yield resource.get("Properties", {})

    def condition(self, name: str) -> bool:
        return self._intrinsics.condition(name)

    def mapping_value(self, *path: str) -> object:
        return self._intrinsics.resolve({"Fn::FindInMap": list(path)})

    def log_days(self) -> int:
        """The default of the parameter LogDays; 14 when there is none."""
        declared = self._document.get("Parameters", {}).get("LogDays", {})
        return int(declared.get("Default", 14))

    def functions(self) -> dict[str, Any]:
        """The costly properties of the root template's functions, as arguments of
        DeployedResources.
        """
        common = self._document.get("Globals", {}).get("Function", {})
        functions = {
            name: {**common, **resource.get("Properties", {})}
            for name, resource in self._document["Resources"].items()
            if resource["Type"] == "AWS::Serverless::Function"
        }
        return {
            "memory_mb": {
                name: int(function.get("MemorySize", 128)) for name, function in functions.items()
            },
            "snapshots": sum(map(self._has_snapshot, functions.values())),
            "platform_lines": common.get("LoggingConfig", {}).get("SystemLogLevel") != "WARN",
            "queues_polled": sum(
                event["Type"] == "SQS"
                for function in functions.values()
                for event in function.get("Events", {}).values()
            ),
        }

    def _has_snapshot(self, function: Mapping[str, Any]) -> bool:
        snap_start = self._intrinsics.resolve(function.get("SnapStart", {}))
        return bool(snap_start) and snap_start["ApplyOn"] == "PublishedVersions"
