"""`cgraph invoke NAME [JSON | --event FILE]`"""

import argparse
import json
import re
import sys
from pathlib import Path

from cgraph_local.core.function_logs import format_entry, parse_line
from cgraph_local.core.home import CHECKOUT, Home
from cgraph_local.core.running_cloud import RunningCloud
from cgraph_local.demo.placeholders import Placeholders


def main(arguments: argparse.Namespace) -> int:
    cloud = RunningCloud(Home.from_environment())
    if arguments.function not in cloud.request("GET", "/_local/statistics"):
        print(
            f"There is no function {arguments.function}; `cgraph functions` lists them",
            file=sys.stderr,
        )
        return 1
    text = arguments.json or event_text(arguments.event, function=arguments.function)
    placeholders = Placeholders(cloud)
    try:
        event = json.loads(placeholders.fill(text))
        invocation = cloud.request("POST", f"/_local/invoke/{arguments.function}", event)
    except json.JSONDecodeError as error:
        print(f"The event is not JSON: {error}", file=sys.stderr)
        return 1
    finally:
        placeholders.close()
    for line in invocation["log"]:
        entry = parse_line(line.encode(), request_id=invocation["request_id"])
        if "_aws" not in entry:  # metrics (EMF) are left out
            line = format_entry(entry, function=arguments.function, colour=sys.stderr.isatty())
            print(line, file=sys.stderr)
    print(json.dumps(_with_json_body(invocation["payload"]), indent=2, ensure_ascii=False))
    status = invocation["error"] or "ok"
    print(
        f"{status}, {invocation['billed_ms']} ms billed, request {invocation['request_id']}",
        file=sys.stderr,
    )
    return 1 if invocation["error"] else 0


def event_file(function: str) -> Path:
    """`SendMessage` → events/send_message.json"""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", function).lower()
    return CHECKOUT / "events" / f"{snake}.json"


def event_text(file: str | None, *, function: str) -> str:
    """The event with its placeholders not filled yet. `file`: `-` for standard input, None for the
    sample event.
    """
    if file == "-":
        return sys.stdin.read()
    return (Path(file) if file else event_file(function)).read_text()


def _with_json_body(payload: object) -> object:
    """Parses the body of an HTTP response when it is JSON."""
    if isinstance(payload, dict) and isinstance(payload.get("body"), str):
        try:
            return {**payload, "body": json.loads(payload["body"])}
        except json.JSONDecodeError:
            return payload
    return payload
