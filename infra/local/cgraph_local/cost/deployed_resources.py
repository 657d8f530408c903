"""What the templates put up, whoever comes: read from template.yaml and infra/*.yaml."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from cgraph_local.core.home import CHECKOUT
from cgraph_local.template.intrinsics import Intrinsics
from cgraph_local.template.yaml_loader import load_template

SIZES = ("small", "medium", "large")
EGRESS = ("endpoints", "ipv6")
ZONES = {"small": 1, "medium": 2, "large": 3}
"""That functions, and so endpoints, are in; network.yaml's FunctionSubnets."""


@dataclass(frozen=True, slots=True)
class Stacks:
    size: str
    egress: str
    instance_class: str
    clustered: bool
    instances: int
    proxy_endpoints: int
    backup_days: int
    endpoints: int
    alarms: int
    metric_filters: int
    dashboards: int
    log_days: int
    queues_polled: int
    memory_mb: Mapping[str, int]
    """Of each function of the root template."""
    snapshots: int
    """Functions with SnapStart, each a published version to keep."""
    platform_lines: bool
    """Whether Lambda writes START, END and REPORT into the log."""

    @property
    def zones(self) -> int:
        return ZONES[self.size]

    @classmethod
    def read(cls, size: str, *, egress: str, checkout: Path = CHECKOUT) -> Self:
        infra = checkout / "infra"
        parameters = {"Size": size, "Egress": egress}
        database = Nested(infra / "database.yaml", parameters)
        network = Nested(infra / "network.yaml", parameters)
        seen = Nested(infra / "observability.yaml", parameters)
        root = Nested(checkout / "template.yaml", parameters)
        instances = list(database.each("AWS::RDS::DBInstance"))
        endpoints = network.each("AWS::EC2::VPCEndpoint")
        return cls(
            size=size,
            egress=egress,
            instance_class=str(database.mapped("Sizes", size, "Class")),
            clustered=bool(list(database.each("AWS::RDS::DBCluster"))),
            instances=len(instances),
            proxy_endpoints=len(list(database.each("AWS::RDS::DBProxyEndpoint"))),
            backup_days=int(str(database.mapped("Sizes", size, "BackupDays"))),
            endpoints=sum(one.get("VpcEndpointType") == "Interface" for one in endpoints),
            alarms=len(list(seen.each("AWS::CloudWatch::Alarm"))),
            metric_filters=len(list(database.each("AWS::Logs::MetricFilter"))),
            dashboards=len(list(seen.each("AWS::CloudWatch::Dashboard"))),
            log_days=root.log_days(),
            **root.functions(),
        )


class Nested:
    """A template with its parameters, of which only conditions and mappings are worked out."""

    def __init__(self, path: Path, parameters: Mapping[str, str]) -> None:
        document = load_template(path)
        defaults = {
            name: declared["Default"]
            for name, declared in document.get("Parameters", {}).items()
            if "Default" in declared
        }
        self._document = document
        self._intrinsics = Intrinsics(
            document, parameters={**defaults, **parameters}, return_value=lambda name, _: name
        )

    def each(self, kind: str) -> Iterator[dict[str, Any]]:
        for resource in self._document["Resources"].values():
            condition = resource.get("Condition")
            if resource["Type"] == kind and (
                condition is None or self._intrinsics.condition(condition)
            ):
                yield resource.get("Properties", {})

    def mapped(self, *path: str) -> object:
        return self._intrinsics.resolve({"Fn::FindInMap": list(path)})

    def log_days(self) -> int:
        """The template's own; 14 where it does not say."""
        declared = self._document.get("Parameters", {}).get("LogDays", {})
        return int(declared.get("Default", 14))

    def functions(self) -> dict[str, Any]:
        """What of the root template's functions costs."""
        common = self._document.get("Globals", {}).get("Function", {})
        resources = {
            name: {**common, **resource.get("Properties", {})}
            for name, resource in self._document["Resources"].items()
            if resource["Type"] == "AWS::Serverless::Function"
        }
        return {
            "memory_mb": {name: int(one.get("MemorySize", 128)) for name, one in resources.items()},
            "snapshots": sum(map(self._is_snapshot, resources.values())),
            "platform_lines": common.get("LoggingConfig", {}).get("SystemLogLevel") != "WARN",
            "queues_polled": sum(
                event["Type"] == "SQS"
                for one in resources.values()
                for event in one.get("Events", {}).values()
            ),
        }

    def _is_snapshot(self, function: Mapping[str, Any]) -> bool:
        applied = self._intrinsics.resolve(function.get("SnapStart", {}))
        return bool(applied) and applied["ApplyOn"] == "PublishedVersions"
