"""`cgraph permissions`"""

import argparse

from cgraph_local.core.home import CHECKOUT
from cgraph_local.permissions import LAMBDA, Grant, grants
from cgraph_local.template.translate import translate


def main(_: argparse.Namespace) -> int:
    for line in lines(grants(translate(CHECKOUT / "template.yaml", cache=None))):
        print(line)
    return 0


def lines(found: dict[str, list[Grant]]) -> list[str]:
    """First what its code may do, then what Lambda does in its name."""
    said = []
    for function, given in found.items():
        said.append(function)
        ours = [grant for grant in given if grant.policy not in LAMBDA]
        said += [f"  {grant.permission!s:<88} {grant.policy}" for grant in ours]
        lambdas = dict.fromkeys(grant.policy for grant in given if grant.policy in LAMBDA)
        said.append(f"  and Lambda in its name: {', '.join(lambdas)}")
    said += [f"{name}: {', '.join(actions)} on *" for name, actions in LAMBDA.items()]
    return said
