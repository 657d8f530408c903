"""`cgraph event NAME`"""

import argparse

from cgraph_local.commands.invoke import event_text
from cgraph_local.home import Home
from cgraph_local.placeholders import Placeholders
from cgraph_local.running import RunningCloud


def main(arguments: argparse.Namespace) -> int:
    """What `cgraph invoke` gives the function. A socket in it is closed when this has ended."""
    placeholders = Placeholders(RunningCloud(Home.from_environment()))
    try:
        print(placeholders.fill(event_text(None, function=arguments.function)), end="")
    finally:
        placeholders.close()
    return 0
