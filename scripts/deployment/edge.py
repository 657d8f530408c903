"""What an edge needs outside us-east-1, asked before anything is built."""

from scripts.deployment.stage import Stage
from scripts.deployment.steps import CommandError

HOME = "us-east-1"
"""The region of CloudFront's web ACLs and certificates."""


def has_edge(stage: Stage) -> bool:
    """As the condition Edged of template.yaml decides."""
    choice = stage.parameters.get("Edge", "auto")
    is_large = stage.parameters.get("Size", "small") != "small"
    return choice == "cloudfront" or (choice == "auto" and is_large)


def refuse_edge_elsewhere(stage: Stage) -> None:
    """Raises CommandError where CloudFormation would fail after twenty minutes."""
    if stage.region == HOME or not has_edge(stage):
        return
    needed = ["EdgeFirewall"]
    if stage.parameters.get("DomainName"):
        needed.append("EdgeCertificate")
    missing = [name for name in needed if not stage.parameters.get(name)]
    if missing:
        raise CommandError(
            f"CloudFront takes a web ACL and a certificate of {HOME} only, and this is "
            f"{stage.region}. Set {' and '.join(missing)} (docs/operations.md, Edge), or Edge=none."
        )
