"""`cgraph permissions`"""

import argparse
import textwrap
from collections.abc import Iterable, Iterator

from cgraph_local.core.home import CHECKOUT
from cgraph_local.permissions import LAMBDA, Role, roles
from cgraph_local.template.translate import translate


def main(_: argparse.Namespace) -> int:
    for line in lines(roles(translate(CHECKOUT / "template.yaml", cache=None)).values()):
        print(line)
    return 0


def lines(found: Iterable[Role]) -> Iterator[str]:
    """For each role: its functions, what their code may do, and what Lambda does for them."""
    for role in found:
        yield role.name
        functions = f"functions: {', '.join(sorted(role.functions))}"
        yield from textwrap.wrap(functions, 98, initial_indent="  ", subsequent_indent="    ")
        for grant in role.grants:
            if grant.policy not in role.aws:
                yield f"  {grant.permission!s:<88} {grant.policy}"
        yield f"  for Lambda itself: {', '.join(sorted(role.aws))}"
    yield from (f"{name}: {', '.join(actions)} on *" for name, actions in LAMBDA.items())
