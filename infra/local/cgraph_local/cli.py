"""The command `cgraph`. What a command needs is imported when it runs, so it starts at once."""

import argparse
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def main() -> int:
    arguments = _arguments(_parser())
    command = import_module(f"cgraph_local.commands.{arguments.module}")
    from cgraph_local.placeholders import UnknownPlaceholder
    from cgraph_local.running import NotRunning, Refused

    try:
        status: int = command.main(arguments)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # whoever read the output has gone, and so may we
        return 0
    except (NotRunning, Refused, UnknownPlaceholder, OSError) as error:
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
    _add(commands, "run", "the whole system, in the foreground")
    _add(commands, "migrate", "apply what is missing of infra/migrations and infra/schema")
    _add(commands, "routes", "each route and the function behind it")
    _add(commands, "permissions", "what the functions of each role may do on AWS")
    _add(commands, "functions", "what each function has done since the start")
    _add_logs(commands)
    _add_invoke(commands)
    event = _add(commands, "event", "a function's sample event, as `invoke` gives it")
    event.add_argument("function")
    _add(commands, "environment", "each function's variables, as `sam local invoke` takes them")
    _add_dlq(commands)
    _add(commands, "psql", "the database, with psql's own arguments")
    audit = _add(commands, "audit", "whether what moderators did is logged as it was: each forum")
    audit.add_argument("forum", nargs="?", help="one forum; otherwise all")
    chat = _add(commands, "chat", "talk, as one of the people")
    chat.add_argument("name")
    chat.add_argument("conversation", nargs="?", help="an id, a title or a username")
    _add_import(commands)
    _add_cost(commands)
    return parser


def _add(commands: "Commands", name: str, summary: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=summary, description=summary)
    parser.set_defaults(module=name)
    return parser


def _add_logs(commands: "Commands") -> None:
    logs = _add(commands, "logs", "what functions wrote")
    logs.add_argument("function", nargs="?", help="one function; otherwise all")
    logs.add_argument("-f", "--follow", action="store_true", help="and what they write from now on")
    logs.add_argument("-n", "--lines", type=int, default=50, help="how many of a function (50)")


def _add_invoke(commands: "Commands") -> None:
    invoke = _add(commands, "invoke", "give a function an event, as the running system has it")
    invoke.add_argument("function")
    event = invoke.add_mutually_exclusive_group()
    event.add_argument("json", nargs="?", help="the event; otherwise events/<function>.json")
    event.add_argument("--event", metavar="FILE", help="where the event is, - for standard input")


def _add_dlq(commands: "Commands") -> None:
    dlq = _add(commands, "dlq", "messages that failed too often")
    dlq.add_argument("action", choices=["list", "redrive"])
    dlq.add_argument("queue", nargs="?", help="one dead letter queue, or the queue it belongs to")


def _add_import(commands: "Commands") -> None:
    sources = _add(commands, "import", "what another community exported: docs/imports.md")
    sources.set_defaults(module="import_")
    of = sources.add_subparsers(required=True, metavar="SOURCE", dest="source")
    dump = of.add_parser("stackexchange", help="a site's dump, into a forum")
    dump.add_argument("folder", type=Path, help="where its Posts.xml is")
    dump.add_argument("--forum", required=True, metavar="SLUG", help="made where there is none")
    dump.add_argument("--name", help="of a forum that is made; otherwise its slug")
    dump.add_argument("--owner", metavar="USERNAME", help="whose a forum is that is made")
    dump.add_argument("--url", help="where links without a host lead: https://site.example")
    dump.add_argument("--check", action="store_true", help="compare only: is it all there?")
    export = of.add_parser("slack", help="a workspace's export, into conversations")
    export.add_argument("export", type=Path, metavar="EXPORT.zip")
    export.add_argument("--owner", metavar="USERNAME", help="who owns the channels, and reads them")


def _add_cost(commands: "Commands") -> None:
    cost = _add(commands, "cost", "what it costs a month on AWS, line by line, with sources")
    cost.add_argument("--users", type=int, help="how many people; otherwise a summary")
    cost.add_argument("--size", choices=["small", "medium", "large"], help="otherwise by users")
    cost.add_argument("--egress", choices=["endpoints", "ipv6"], default="endpoints")
    cost.add_argument("--assume", action="append", default=[], metavar="NAME=VALUE")
    cost.add_argument("--assumptions", type=Path, metavar="FILE", help="TOML: NAME = VALUE")
    cost.add_argument("--write", action="store_true", help="docs/cost.md and docs/cost.svg")
    cost.add_argument("--measure", action="store_true", help="anew, on the running local cloud")
