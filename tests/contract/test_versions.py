"""Versions of functions that are called through an alias: a canary judges new code only if a
version is made of it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cgraph_local.template.translate import translate
from tests.contract.checkout import CHECKOUT, Checkout

LAYERS = ("Dependencies", "Cgraph")
CANARIES = {"SendMessage": "SendMessageFails", "Send": "SendFails"}
"""The busy paths, by HTTP and by socket, with their alarms."""

Template = dict[str, Any]


@pytest.fixture(scope="module")
def checkout() -> Checkout:
    return Checkout(CHECKOUT)


def packaged(checkout: Checkout, **contents: str) -> Template:
    """The canaries and their layers as `sam package` leaves them: the address of a layer's content
    names its bytes.
    """
    template: Template = json.loads(json.dumps(checkout.template))
    resources = template["Resources"]
    for layer in LAYERS:
        address = f"s3://bucket/{contents.get(layer, 'unchanged')}"
        resources[layer]["Properties"]["ContentUri"] = address
    kept = (*LAYERS, *CANARIES, *CANARIES.values())
    return {**template, "Resources": {name: resources[name] for name in kept}}


def versions(template: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """The logical id of the version of each function that has one."""
    path = folder / "template.yaml"
    path.write_text(json.dumps(template))
    return {
        resource["Properties"]["FunctionName"]["Ref"]: name
        for name, resource in translate(path, cache=None)["Resources"].items()
        if resource["Type"] == "AWS::Lambda::Version"
    }


@pytest.mark.parametrize("layer", LAYERS)
def test_new_content_of_a_layer_is_a_new_version(
    checkout: Checkout, tmp_path: Path, layer: str
) -> None:
    before = versions(packaged(checkout), tmp_path)
    after = versions(packaged(checkout, **{layer: "changed"}), tmp_path)
    assert before.keys() == after.keys() == CANARIES.keys()
    for function, version in before.items():
        assert after[function] != version, f"{function} would run the old {layer}"


@pytest.mark.parametrize(
    ("resource", "setting"),
    [("Send", "AutoPublishAliasAllProperties"), ("Cgraph", "PublishLambdaVersion")],
)
def test_without_either_setting_a_version_does_not_follow(
    checkout: Checkout, tmp_path: Path, resource: str, setting: str
) -> None:
    before, after = packaged(checkout), packaged(checkout, Cgraph="changed")
    for template in (before, after):
        del template["Resources"][resource]["Properties"][setting]
    assert versions(before, tmp_path)["Send"] == versions(after, tmp_path)["Send"]


def test_each_canary_is_judged_by_its_own_version(checkout: Checkout) -> None:
    resources = checkout.template["Resources"]
    for function, alarm in CANARIES.items():
        preference = resources[function]["Properties"]["DeploymentPreference"]
        assert preference["Type"].startswith("Canary")
        assert preference["Alarms"] == [{"Ref": alarm}]
        watched = {
            each["Name"]: each["Value"] for each in resources[alarm]["Properties"]["Dimensions"]
        }
        assert watched["function"] == {"Ref": function}
        assert watched["version"] == {"Fn::GetAtt": [function, "Version.Version"]}


def test_traffic_reaches_the_alias(checkout: Checkout) -> None:
    """A route that names the function itself would skip the canary."""
    translated = checkout.translated["Resources"]
    body = translated["Api"]["Properties"]["Body"]["paths"]["/messages"]["post"]
    uri = translated["SocketApiSendIntegration"]["Properties"]["IntegrationUri"]
    assert "SendMessageAliaslive" in json.dumps(body)
    assert "SendAliaslive" in json.dumps(uri)
