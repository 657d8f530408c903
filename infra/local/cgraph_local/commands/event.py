"""`cgraph event NAME`"""

import argparse

from cgraph_local.commands.invoke import event_text
from cgraph_local.core.home import Home
from cgraph_local.core.running_cloud import RunningCloud
from cgraph_local.demo.placeholders import Placeholders


def main(arguments: argparse.Namespace) -> int:
    """Prints the event that `cgraph invoke` gives the function. A socket whose connection id is in
    the event is closed when the command ends.
    """
    placeholders = Placeholders(RunningCloud(Home.from_environment()))
    try:
        print(placeholders.fill(event_text(None, function=arguments.function)), end="")
    finally:
        placeholders.close()
    return 0
