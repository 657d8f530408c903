"""`cgraph chat NAME`"""

import argparse
import asyncio
import getpass
import os
import sys

from cgraph_local.core.home import Home
from cgraph_local.core.running_cloud import RunningCloud
from cgraph_local.demo.accounts import PASSWORD, PEOPLE


def main(arguments: argparse.Namespace) -> int:
    from cgraph_client.terminal import chat

    cloud = RunningCloud(Home.from_environment())
    return asyncio.run(
        chat(
            cloud.address,
            arguments.name,
            _password(arguments.name),
            arguments.conversation,
            ask_code=_ask_code if sys.stdin.isatty() else None,
        )
    )


def _password(name: str) -> str:
    """CGRAPH_PASSWORD, the demo people's, or what the person types."""
    given = os.environ.get("CGRAPH_PASSWORD")
    if given is not None:
        return given
    return PASSWORD if name in PEOPLE else getpass.getpass(f"Password of {name}: ")


def _ask_code() -> str:
    return input("Code of your authenticator, or a backup code: ").strip()
