"""CORS and the edge: template, code and local gateway agree."""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from cgraph.core import addresses
from cgraph.core.http import SAFE_HEADERS
from cgraph_local.gateway import edge
from cgraph_local.template.intrinsics import Intrinsics
from tests.contract.checkout import CHECKOUT, Checkout, Kind
from tests.contract.infrastructure import SIZES, resolved, stack

CORE = CHECKOUT / "layers" / "cgraph" / "cgraph"
FROM_A_BROWSER = {"authorization", "content-type", "x-correlation-id"}
OF_OTHERS = {"iam", "mail"}
"""Packages whose headers no answer of a function has."""
TEXT_RULES = re.compile(r"_(BODY|QUERYSTRING|QUERYARGUMENTS)$")


def template() -> dict[str, Any]:
    return Checkout(CHECKOUT).template


def condition(name: str, **parameters: str) -> bool:
    document = template()
    defaults = {key: each.get("Default", "") for key, each in document["Parameters"].items()}
    return Intrinsics(
        document, parameters={**defaults, **parameters}, return_value=lambda name, _: name
    ).condition(name)


def cors() -> dict[str, Any]:
    """As API Gateway gets it: SAM has merged it into the OpenAPI document."""
    body = Checkout(CHECKOUT).translated["Resources"]["Api"]["Properties"]["Body"]
    condition, settings, otherwise = body["x-amazon-apigateway-cors"]["Fn::If"]
    assert (condition, otherwise) == ("HasPages", {"Ref": "AWS::NoValue"})
    return dict(settings)


def test_every_header_that_a_function_sets_can_be_read_by_a_page() -> None:
    always_readable = {"cache-control", "content-type"}
    wanted = {*set_headers(), "x-correlation-id"} - always_readable - SAFE_HEADERS.keys()
    assert {"retry-after", "ratelimit-remaining", "idempotent-replayed"} <= wanted
    assert set(cors()["exposeHeaders"]) == wanted


def set_headers() -> Iterator[str]:
    """Names of headers in `headers["Name"] = …` and in `def headers()`, in lower case; but not of
    those of mails and of signed requests.
    """
    for path in CORE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                if (
                    ast.unparse(node.value).endswith("headers")
                    and path.parent.name not in OF_OTHERS
                ):
                    yield from names(node.slice)
            elif isinstance(node, ast.FunctionDef) and node.name == "headers":
                yield from (name for each in ast.walk(node) for name in keys_of(each))


def keys_of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Dict):
        for key in node.keys:
            yield from names(key)


def names(node: ast.AST | None) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value.lower()


def test_a_page_may_send_what_clients_send_and_no_cookies() -> None:
    assert cors()["allowOrigins"] == {"Fn::Split": [",", {"Ref": "WebOrigins"}]}
    assert set(cors()["allowHeaders"]) == FROM_A_BROWSER
    assert "allowCredentials" not in cors()
    routes = (each.route for each in Checkout(CHECKOUT).of_kind(Kind.HTTP))
    methods = {route.partition(" ")[0] for route in routes if route != "$default"}
    assert set(cors()["allowMethods"]) == methods


@pytest.mark.parametrize(
    ("origins", "valid"),
    [
        ("*", True),
        ("https://app.example", True),
        ("https://app.example,http://localhost:5173", True),
        ("", False),
        ("https://*.example", False),
        ("https://app.example/", False),
        ("*,https://app.example", False),
    ],
)
def test_web_origins_are_all_or_named_ones(origins: str, valid: bool) -> None:
    pattern = template()["Parameters"]["WebOrigins"]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, origins)) == valid


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("choice", ["auto", "none", "cloudfront"])
def test_there_is_an_edge_from_medium_on_unless_it_is_chosen(size: str, choice: str) -> None:
    expected = choice == "cloudfront" or (choice == "auto" and size != "small")
    assert condition("Edged", Size=size, Edge=choice) == expected
    assert condition("OwnFirewall", Size=size, Edge=choice) == expected
    assert not condition("OwnFirewall", Size=size, Edge=choice, EdgeFirewall="arn:of-another")


def test_the_edge_sets_the_headers_that_the_code_and_the_local_gateway_know() -> None:
    properties = distribution()
    (key,) = properties["Origins"][0]["OriginCustomHeaders"]
    assert key["HeaderName"] == addresses.EDGE_KEY_HEADER == edge.KEY_HEADER.decode()
    stage = Checkout(CHECKOUT).translated["Resources"]["ApiApiGatewayDefaultStage"]["Properties"]
    condition, variables, _ = stage["StageVariables"]["Fn::If"]
    assert (condition, set(variables)) == ("Edged", {addresses.EDGE_KEYS})
    assert edge.KEYS_VARIABLE == addresses.EDGE_KEYS
    code = stack("edge")["Resources"]["Viewer"]["Properties"]["FunctionCode"]
    assert f"headers['{addresses.VIEWER_HEADER}'] = " in code
    assert edge.VIEWER_HEADER.decode() == addresses.VIEWER_HEADER


def test_the_edge_caches_nothing_and_forwards_every_method_over_tls() -> None:
    behavior = distribution()["DefaultCacheBehavior"]
    assert behavior["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert behavior["ViewerProtocolPolicy"] == "https-only"
    assert {"PUT", "PATCH", "POST", "DELETE", "OPTIONS"} <= set(behavior["AllowedMethods"])
    assert "CacheBehaviors" not in distribution()
    origin = distribution()["Origins"][0]["CustomOriginConfig"]
    assert origin["OriginProtocolPolicy"] == "https-only"


def test_no_rule_that_reads_the_text_of_users_blocks() -> None:
    rules = resolved("firewall", size="medium")["Firewall"]["Rules"]
    groups = [rule for rule in rules if "OverrideAction" in rule]
    overridden = {
        override["Name"]
        for rule in groups
        for override in rule["Statement"]["ManagedRuleGroupStatement"].get(
            "RuleActionOverrides", []
        )
        if override["ActionToUse"] == {"Count": {}}
    }
    assert {rule for rule in KNOWN_RULES if TEXT_RULES.search(rule)} <= overridden
    assert len({rule["Priority"] for rule in rules}) == len(rules)


def test_a_request_above_the_rate_gets_the_problem_document_of_the_api() -> None:
    firewall = resolved("firewall", size="medium")["Firewall"]
    document = json.loads(firewall["CustomResponseBodies"]["rate"]["Content"])
    assert document.keys() == {"type", "title", "status", "code", "detail"}
    assert (document["status"], document["code"]) == (429, "rate_limited")


def distribution() -> dict[str, Any]:
    return dict(stack("edge")["Resources"]["Distribution"]["Properties"]["DistributionConfig"])


KNOWN_RULES = (
    *("NoUserAgent_HEADER", "UserAgent_BadBots_HEADER", "SizeRestrictions_QUERYSTRING"),
    *("SizeRestrictions_Cookie_HEADER", "SizeRestrictions_BODY", "SizeRestrictions_URIPATH"),
    *("EC2MetaDataSSRF_BODY", "EC2MetaDataSSRF_COOKIE", "EC2MetaDataSSRF_URIPATH"),
    *("EC2MetaDataSSRF_QUERYARGUMENTS", "GenericLFI_QUERYARGUMENTS", "GenericLFI_URIPATH"),
    *("GenericLFI_BODY", "RestrictedExtensions_URIPATH", "RestrictedExtensions_QUERYARGUMENTS"),
    *("GenericRFI_QUERYARGUMENTS", "GenericRFI_BODY", "GenericRFI_URIPATH"),
    *("CrossSiteScripting_COOKIE", "CrossSiteScripting_QUERYARGUMENTS"),
    *("CrossSiteScripting_BODY", "CrossSiteScripting_URIPATH"),
    *("JavaDeserializationRCE_BODY", "JavaDeserializationRCE_URIPATH"),
    *("JavaDeserializationRCE_QUERYSTRING", "JavaDeserializationRCE_HEADER"),
    *("Host_localhost_HEADER", "PROPFIND_METHOD", "ExploitablePaths_URIPATH", "Log4JRCE_HEADER"),
    *("Log4JRCE_QUERYSTRING", "Log4JRCE_BODY", "Log4JRCE_URIPATH", "ReactJSRCE_BODY"),
)
"""Of AWSManagedRulesCommonRuleSet and AWSManagedRulesKnownBadInputsRuleSet, by AWS's documentation
of 2026-11."""
