"""An edge outside us-east-1 is refused before anything is built, unless it has what it needs."""

from dataclasses import replace

import pytest

from scripts.deployment.edge import has_edge, refuse_edge_elsewhere
from scripts.deployment.stage import read_stage
from scripts.deployment.steps import CommandError

ARN = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/cgraph/a1b2"


@pytest.mark.parametrize(
    ("region", "overrides", "missing"),
    [
        ("us-east-1", {"Size": "medium"}, ""),
        ("eu-west-1", {"Size": "small"}, ""),
        ("eu-west-1", {"Size": "medium", "Edge": "none"}, ""),
        ("eu-west-1", {"Size": "medium", "EdgeFirewall": ARN}, ""),
        ("eu-west-1", {"Size": "medium"}, "Set EdgeFirewall"),
        ("eu-west-1", {"Size": "small", "Edge": "cloudfront"}, "Set EdgeFirewall"),
        (
            "eu-west-1",
            {"Size": "medium", "EdgeFirewall": ARN, "DomainName": "a.example"},
            "Set EdgeCertificate",
        ),
    ],
)
def test_an_edge_elsewhere_needs_the_resources_of_us_east_1(
    region: str, overrides: dict[str, str], missing: str
) -> None:
    stage = replace(read_stage("trial", overrides=overrides), region=region)
    if not missing:
        refuse_edge_elsewhere(stage)
        return
    with pytest.raises(CommandError, match=missing):
        refuse_edge_elsewhere(stage)


def test_the_command_decides_about_the_edge_as_the_template_does() -> None:
    for size in ("small", "medium", "large"):
        for edge in ("auto", "none", "cloudfront"):
            stage = read_stage("trial", overrides={"Size": size, "Edge": edge})
            expected = edge == "cloudfront" or (edge == "auto" and size != "small")
            assert has_edge(stage) == expected
