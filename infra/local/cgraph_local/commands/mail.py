"""`cgraph mail [ADDRESS]`"""

import argparse
from typing import Any

from cgraph_local.core.credentials import Credentials
from cgraph_local.core.home import Home
from cgraph_local.core.running_cloud import RunningCloud

PATH = "/_local/mail"


def main(arguments: argparse.Namespace) -> int:
    cloud = RunningCloud(Home.from_environment())
    if arguments.page:
        token = Credentials.of(cloud.home).admin_token
        print(f"{cloud.address}{PATH}?token={token}")
        return 0
    mails = [mail for mail in cloud.request("GET", PATH) if _is_to(mail, arguments.address)]
    for mail in reversed(mails[: arguments.number]):
        print(f"To: {', '.join(mail['to'])}\nFrom: {mail['sender']}")
        print(f"Date: {mail['sent_at']}\nSubject: {mail['subject']}\n\n{mail['text']}")
    if not mails:
        print("No mail was sent.")
    return 0


def _is_to(mail: dict[str, Any], address: str | None) -> bool:
    """`address`: or a part of it."""
    return address is None or any(address.lower() in each.lower() for each in mail["to"])
