"""The root template as the emulator can carry it out, derived from template.yaml at each run.

Four things go: route responses and CodeDeploy, which it does not know; the custom resource, which
would migrate a database that is not there; alarms on an expression over metrics; and what is inside
nested stacks with resources it does not know: a stand-in takes the same parameters and has the same
outputs.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cgraph_local.core.home import CHECKOUT
from cgraph_local.template.yaml_loader import load_template

UNKNOWN = ("AWS::ApiGatewayV2::RouteResponse", "Custom::Schema")
REAL_STACKS = ("Observability",)
STAND_IN = {"Nothing": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}
OUTPUTS = {"Port": "5432", "Subnets": "subnet-1,subnet-2", "FunctionSubnets": "subnet-1,subnet-2"}
"""Those that must be more than a word."""


def derive(folder: Path) -> Path:
    """The template's path; its code is this checkout's."""
    template = load_template(CHECKOUT / "template.yaml")
    resources = template["Resources"]
    template["Globals"]["Function"]["CodeUri"] = str(CHECKOUT / "functions")
    template["Globals"]["Function"]["Environment"]["Variables"]["SCHEMA"] = "none"
    for name, resource in list(resources.items()):
        if resource["Type"] in UNKNOWN:
            del resources[name]
        elif resource["Type"] == "AWS::CloudFormation::Stack":
            _stand_in(name, resource["Properties"], folder=folder)
        elif resource["Type"] == "AWS::Serverless::LayerVersion":
            resource["Properties"]["ContentUri"] = str(
                CHECKOUT / resource["Properties"]["ContentUri"]
            )
        else:
            resource.get("Properties", {}).pop("DeploymentPreference", None)
    return _write(folder / "template.json", template)


def _stand_in(name: str, properties: dict[str, Any], *, folder: Path) -> None:
    source = CHECKOUT / properties["TemplateURL"]
    real = load_template(source)
    if name in REAL_STACKS:
        real["Resources"] = _without_metric_math(real["Resources"])
        properties["TemplateURL"] = str(_write(folder / f"{name}.json", real))
        return
    outputs = {
        output: {"Value": OUTPUTS.get(output, f"{name.lower()}-{output.lower()}")}
        for output in real.get("Outputs", {})
    }
    parameters = {
        key: {"Type": "String", "Default": each["Default"]}
        if "Default" in each
        else {"Type": "String"}
        for key, each in real["Parameters"].items()
    }
    document = {"Parameters": parameters, "Resources": STAND_IN, "Outputs": outputs}
    properties["TemplateURL"] = str(_write(folder / f"{name}.json", document))


def _without_metric_math(resources: dict[str, Any]) -> dict[str, Any]:
    """Without the alarms on an expression, which the emulator refuses."""
    return {
        name: resource
        for name, resource in resources.items()
        if "Metrics" not in resource.get("Properties", {})
    }


def _write(path: Path, document: dict[str, Any]) -> Path:
    path.write_text(json.dumps(document, indent=1))
    return path
