"""The resources that are deployed regardless of usage, read from template.yaml and infra/*.yaml."""

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
    alarms: int
    metric_filters: int
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
    def read(cls, size: str, *, egress: str, checkout: Path = CHECKOUT) -> Self:
        infra = checkout / "infra"
        parameters = {"Size": size, "Egress": egress}
        database = InfrastructureTemplate(infra / "database.yaml", parameters)
        network = InfrastructureTemplate(infra / "network.yaml", parameters)
        observability = InfrastructureTemplate(infra / "observability.yaml", parameters)
        root = InfrastructureTemplate(checkout / "template.yaml", parameters)
        instances = list(database.resources("AWS::RDS::DBInstance"))
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
            alarms=len(list(observability.resources("AWS::CloudWatch::Alarm"))),
            metric_filters=len(list(database.resources("AWS::Logs::MetricFilter"))),
            dashboards=len(list(observability.resources("AWS::CloudWatch::Dashboard"))),
            log_days=root.log_days(),
            **root.functions(),
        )


class InfrastructureTemplate:
    """A template with parameters. Only its conditions and mappings are evaluated."""

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

    def resources(self, kind: str) -> Iterator[dict[str, Any]]:
        for resource in self._document["Resources"].values():
            condition = resource.get("Condition")
            if resource["Type"] == kind and (
                condition is None or self._intrinsics.condition(condition)
            ):
                yield resource.get("Properties", {})

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
