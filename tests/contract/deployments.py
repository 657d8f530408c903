"""The templates as CloudFormation gets them for given parameters: conditions decided, parameters
and mappings replaced, what does not exist left out. References to resources stay.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cgraph_local.template.intrinsics import PLACEHOLDER, Intrinsics, referenced_names
from cgraph_local.template.yaml_loader import load_template
from tests.contract.checkout import CHECKOUT, Checkout

NO_VALUE = {"Ref": "AWS::NoValue"}
NESTED = "AWS::CloudFormation::Stack"
Template = dict[str, Any]


def deployment(**parameters: str) -> Iterator[tuple[str, Template]]:
    """The root template and each nested stack that exists with these parameters, by name."""
    root = PartialTemplate(Checkout(CHECKOUT).translated, parameters).resolved()
    yield "template", root
    for name, resource in root["Resources"].items():
        if resource["Type"] == NESTED:
            url = resource["Properties"]["TemplateURL"]
            given = resource["Properties"].get("Parameters", {})
            known = {key: value for key, value in given.items() if not isinstance(value, dict)}
            template = load_template(CHECKOUT / url)
            yield f"{name}-{Path(url).stem}", PartialTemplate(template, known).resolved()


class PartialTemplate:
    """`parameters`: what is known. A parameter without a value or a default stays one."""

    def __init__(self, template: Mapping[str, Any], parameters: Mapping[str, Any]) -> None:
        self._template = template
        self._values: dict[str, Any] = {}
        for name, declared in template.get("Parameters", {}).items():
            value = parameters.get(name, declared.get("Default"))
            if value is not None:
                is_list = declared["Type"].startswith(("List<", "CommaDelimitedList"))
                self._values[name] = str(value).split(",") if is_list else value
        self._intrinsics = Intrinsics(
            template,
            parameters=self._values,
            return_value=lambda name, attribute: f"{name}.{attribute}",
        )

    def resolved(self) -> Template:
        resources = {
            name: self._resource(resource)
            for name, resource in self._template["Resources"].items()
            if "Condition" not in resource or self._intrinsics.condition(resource["Condition"])
        }
        used = set(referenced_names(list(resources.values())))
        parameters = {
            name: declared
            for name, declared in self._template.get("Parameters", {}).items()
            if name not in self._values and name in used
        }
        document = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}
        return document | ({"Parameters": parameters} if parameters else {})

    def _resource(self, resource: Mapping[str, Any]) -> Template:
        kept = ("Type", "Properties", "DeletionPolicy", "UpdateReplacePolicy")
        return {key: self._resolve(resource[key]) for key in kept if key in resource}

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            return [each for each in map(self._resolve, value) if each != NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument), *_ = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._function(name, argument)
        resolved = {key: self._resolve(each) for key, each in value.items()}
        return {key: each for key, each in resolved.items() if each != NO_VALUE}

    def _function(self, name: str, argument: Any) -> Any:
        if name == "Ref":
            return self._values.get(argument, {"Ref": argument})
        if name == "Fn::If":
            condition, then, otherwise = argument
            return self._resolve(then if self._intrinsics.condition(condition) else otherwise)
        if name == "Fn::FindInMap":
            return self._intrinsics.resolve({name: argument})
        if name == "Fn::Sub":
            return self._substitute(argument)
        argument = self._resolve(argument)
        if name == "Fn::Split" and isinstance(argument[1], str):
            return argument[1].split(argument[0])
        return {name: argument}

    def _substitute(self, argument: Any) -> Any:
        """Known parameters become text; what is left to substitute stays a Sub."""
        text, variables = argument if isinstance(argument, list) else (argument, {})
        variables = {key: self._resolve(each) for key, each in variables.items()}
        known = {**self._values, **{k: v for k, v in variables.items() if isinstance(v, str)}}

        def value_of(match: re.Match[str]) -> str:
            return str(known[match[1]]) if match[1] in known else match[0]

        text = PLACEHOLDER.sub(value_of, text)
        left = {key: each for key, each in variables.items() if f"${{{key}}}" in text}
        if "${" not in text:
            return text
        return {"Fn::Sub": [text, left] if left else text}


def write_distinct(folder: Path, templates: Iterator[tuple[str, Template]]) -> dict[str, Path]:
    """One file for each different template. The names of the deployments that have it are in its
    name.
    """
    files: dict[str, Path] = {}
    for name, template in templates:
        text = json.dumps(template, indent=1, sort_keys=True)
        if text not in files:
            files[text] = folder / f"{len(files):03}-{name}.json"
            files[text].write_text(text)
    return files
