"""`cgraph chat NAME`, or `cgraph chat --token TOKEN`"""

import argparse
import asyncio
import getpass
import os
import sys

from cgraph_local.core.home import Home
from cgraph_local.core.running_cloud import RunningCloud
from cgraph_local.demo.accounts import DEMO_PASSWORD, DEMO_USERNAMES


def main(arguments: argparse.Namespace) -> int:
    from cgraph_client.terminal import chat

    token = arguments.token or os.environ.get("CGRAPH_TOKEN")
    name, conversation = arguments.name, arguments.conversation
    if token:
        name, conversation = None, name  # whose it is, the token says
    elif not name:
        print("Whom? Give a name, or a token with --token.", file=sys.stderr)
        return 2
    cloud = RunningCloud(Home.from_environment())
    return asyncio.run(
        chat(
            cloud.address,
            name,
            _password(name) if name else None,
            conversation,
            token=token,
            ask_code=_ask_code if sys.stdin.isatty() else None,
        )
    )


def _password(name: str) -> str:
    """CGRAPH_PASSWORD, the password of the demo accounts, or the one that the user types."""
    password = os.environ.get("CGRAPH_PASSWORD")
    if password is not None:
        return password
    return DEMO_PASSWORD if name in DEMO_USERNAMES else getpass.getpass(f"Password of {name}: ")


def _ask_code() -> str:
    return input("Code of your authenticator, or a backup code: ").strip()
