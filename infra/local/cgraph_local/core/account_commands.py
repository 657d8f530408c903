"""What an operator asks for about accounts, here and of a stage: the arguments, the event for
ManageAccounts, and its report as lines.
"""

import argparse
import getpass
from collections.abc import Iterator, Mapping
from typing import Any

ACTIONS = (
    *("show", "approve", "verify-email", "set-email", "reset-password"),
    *("remove-second-factor", "end-sessions", "invite", "waiting", "audit"),
)


def add_account_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=ACTIONS)
    parser.add_argument("login", nargs="?", help="username or e-mail address of the account")
    parser.add_argument("--email", help="the new address, for set-email; it counts as verified")
    parser.add_argument("--reason", help="why, for the audit log, which keeps it for good")
    parser.add_argument("--operator", help="who asks for it; your user name by default")


def account_event(arguments: argparse.Namespace) -> dict[str, Any]:
    """ManageAccounts says what is missing."""
    options = {name: getattr(arguments, name) for name in ("login", "email", "reason")}
    given = {name: value for name, value in options.items() if value is not None}
    operator = arguments.operator or getpass.getuser()
    return {"action": arguments.action, "operator": operator, **given}


def account_lines(report: Mapping[str, Any]) -> Iterator[str]:
    for account in report["accounts"]:
        states = {
            "address verified": account["email_verified"],
            "waits for approval": not account["approved"],
            "second factor": account["totp"],
        }
        yield (
            f"{account['username']} <{account['email']}>, {account['sessions']} sessions"
            + "".join(f", {state}" for state, applies in states.items() if applies)
        )
    if report["token"]:
        yield f"token, until {report['expires_at']}: {report['token']}"
    for entry in reversed(report["entries"]):
        yield (
            f"{entry['number']:6}  {entry['created_at']}  {entry['actor']}: {entry['action']} "
            f"{entry['user_id'] or ''} ({entry['detail'].get('reason', '')})"
        )
    if report["first_fault"] is not None:
        yield f"The audit log of accounts was altered, first at entry {report['first_fault']}."
