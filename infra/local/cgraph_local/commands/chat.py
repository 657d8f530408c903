"""`cgraph chat NAME`"""

import argparse
import asyncio
import getpass
import os

from cgraph_local.demo import PASSWORD, PEOPLE
from cgraph_local.home import Home
from cgraph_local.running import RunningCloud


def main(arguments: argparse.Namespace) -> int:
    from cgraph_client.terminal import chat

    cloud = RunningCloud(Home.from_environment())
    return asyncio.run(
        chat(cloud.address, arguments.name, _password(arguments.name), arguments.conversation)
    )


def _password(name: str) -> str:
    """CGRAPH_PASSWORD, the demo people's, or what the person types."""
    given = os.environ.get("CGRAPH_PASSWORD")
    if given is not None:
        return given
    return PASSWORD if name in PEOPLE else getpass.getpass(f"Password of {name}: ")
