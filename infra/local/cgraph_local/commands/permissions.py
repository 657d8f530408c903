"""`cgraph permissions`"""

import argparse
import textwrap
from collections.abc import Iterable, Iterator

from cgraph_local.core.home import CHECKOUT, Home
from cgraph_local.permissions import LAMBDA_POLICIES, Role, roles
from cgraph_local.template.translate import translate


def main(_: argparse.Namespace) -> int:
    cache = Home.from_environment().template_cache
    template = translate(CHECKOUT / "template.yaml", cache=cache)
    for line in permission_lines(roles(template).values()):
        print(line)
    return 0


def permission_lines(roles_to_show: Iterable[Role]) -> Iterator[str]:
    """Yields, for each role, its functions, the permissions of their code, and the policies that
    the Lambda service needs; then the actions of those policies.
    """
    for role in roles_to_show:
        yield role.name
        functions = f"functions: {', '.join(sorted(role.functions))}"
        yield from textwrap.wrap(functions, 98, initial_indent="  ", subsequent_indent="    ")
        for grant in role.grants:
            if grant.policy not in role.aws_policies:
                yield f"  {grant.permission!s:<88} {grant.policy}"
        yield f"  for Lambda itself: {', '.join(sorted(role.aws_policies))}"
    yield from (f"{name}: {', '.join(actions)} on *" for name, actions in LAMBDA_POLICIES.items())
