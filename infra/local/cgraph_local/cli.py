"""The command `cgraph`. The modules of a command are imported when it runs, so it starts
quickly.
"""

import argparse
import gc
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from cgraph_local.core.account_commands import add_account_arguments
from cgraph_local.core.consumer_commands import add_arguments

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def main() -> int:
    arguments = _arguments(_parser())
    gc.disable()  # what is imported stays
    command = import_module(f"cgraph_local.commands.{arguments.module}")
    from cgraph_local.core.running_cloud import NotRunning, RequestFailed
    from cgraph_local.demo.placeholders import UnknownPlaceholder

    gc.freeze()
    gc.enable()
    try:
        status: int = command.main(arguments)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # the reader of the output has ended: print no error for it
        return 0
    except (NotRunning, RequestFailed, UnknownPlaceholder, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return status


def _arguments(parser: argparse.ArgumentParser) -> argparse.Namespace:
    arguments, rest = parser.parse_known_args()
    if rest and arguments.module != "psql":
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    arguments.rest = rest
    return arguments


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cgraph", description="CGraph on this machine.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add(commands, "run", "run the whole system in the foreground")
    _add(commands, "migrate", "apply new migrations and changed schema files")
    _add(commands, "routes", "list the routes, queues and schedules with their functions")
    _add(commands, "permissions", "list what the functions of each role may do on AWS")
    _add(commands, "functions", "show the statistics of each function since the start")
    _add_logs(commands)
    _add_invoke(commands)
    event = _add(commands, "event", "print a function's sample event, with its placeholders filled")
    event.add_argument("function")
    _add(commands, "environment", "print the variables of each function for `sam local invoke`")
    _add_dlq(commands)
    add_arguments(_add(commands, "consumers", "list, rewind or replay the consumers of the log"))
    add_account_arguments(_add(commands, "accounts", "help with accounts, as an operator"))
    mail = _add(commands, "mail", "print the mails that were sent, the last one last")
    mail.add_argument("address", nargs="?", help="only those to it; a part of it is enough")
    mail.add_argument("-n", "--number", type=int, default=10, help="the last so many (10)")
    mail.add_argument("--page", action="store_true", help="print the address of the page instead")
    _add(commands, "psql", "open psql on the database; takes the arguments of psql")
    search = _add(commands, "search", "build the index in OpenSearch anew, while it is searched")
    search.add_argument("action", choices=["reindex"])
    audit = _add(commands, "audit", "verify the hash chain of each forum's audit log")
    audit.add_argument("forum", nargs="?", help="the slug of one forum; all by default")
    chat = _add(commands, "chat", "chat as one of the users")
    chat.add_argument("name", nargs="?", help="whom to log in; not with a token")
    chat.add_argument("conversation", nargs="?", help="an id, a title or a username")
    chat.add_argument("--token", help="an API token in place of a log-in; also CGRAPH_TOKEN")
    _add_import(commands)
    _add_cost(commands)
    return parser


def _add(commands: "Commands", name: str, summary: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=summary, description=summary)
    parser.set_defaults(module=name)
    return parser


def _add_logs(commands: "Commands") -> None:
    logs = _add(commands, "logs", "print the logs of functions")
    logs.add_argument("function", nargs="?", help="one function; all by default")
    logs.add_argument(
        "-f", "--follow", action="store_true", help="also print new lines, until Ctrl-C"
    )
    logs.add_argument("-n", "--lines", type=int, default=50, help="lines of each function (50)")


def _add_invoke(commands: "Commands") -> None:
    invoke = _add(commands, "invoke", "invoke a function in the running system")
    invoke.add_argument("function")
    event = invoke.add_mutually_exclusive_group()
    event.add_argument("json", nargs="?", help="the event; events/<function>.json by default")
    event.add_argument(
        "--event", metavar="FILE", help="read the event from a file, - for standard input"
    )


def _add_dlq(commands: "Commands") -> None:
    dlq = _add(commands, "dlq", "list or redrive the messages in dead letter queues")
    dlq.add_argument("action", choices=["list", "redrive"])
    dlq.add_argument("queue", nargs="?", help="a dead letter queue or its source; all by default")


def _add_import(commands: "Commands") -> None:
    sources = _add(commands, "import", "import the export of another community: docs/imports.md")
    sources.set_defaults(module="import_")
    subcommands = sources.add_subparsers(required=True, metavar="SOURCE", dest="source")
    dump = subcommands.add_parser("stackexchange", help="the dump of a site, into a forum")
    dump.add_argument("folder", type=Path, help="the folder with Posts.xml")
    dump.add_argument("--forum", required=True, metavar="SLUG", help="created when there is none")
    dump.add_argument("--name", help="of a created forum; its slug by default")
    dump.add_argument("--owner", metavar="USERNAME", help="the owner of a created forum")
    dump.add_argument("--url", help="base of links without a host: https://site.example")
    dump.add_argument("--check", action="store_true", help="only compare the forum with the dump")
    export = subcommands.add_parser("slack", help="the export of a workspace, into groups")
    export.add_argument("export", type=Path, metavar="EXPORT.zip")
    export.add_argument("--owner", metavar="USERNAME", help="owner and member of all channels")


def _add_cost(commands: "Commands") -> None:
    cost = _add(commands, "cost", "calculate the monthly cost on AWS, with sources")
    cost.add_argument("--users", type=int, help="number of users; without it a summary is printed")
    cost.add_argument(
        "--size", choices=["small", "medium", "large"], help="chosen by users by default"
    )
    cost.add_argument("--egress", choices=["endpoints", "ipv6"], default="endpoints")
    cost.add_argument("--edge", choices=["auto", "none", "cloudfront"], default="auto")
    cost.add_argument("--search", choices=["auto", "none", "opensearch"], default="auto")
    cost.add_argument("--assume", action="append", default=[], metavar="NAME=VALUE")
    cost.add_argument("--assumptions", type=Path, metavar="FILE", help="TOML: NAME = VALUE")
    cost.add_argument("--write", action="store_true", help="write docs/cost.md and docs/cost.svg")
    cost.add_argument(
        "--measure", action="store_true", help="measure the usage again on the running local cloud"
    )
