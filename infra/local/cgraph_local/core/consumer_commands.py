"""What an operator asks of the consumers of the log, here and of a stage: the arguments, the event
for ManageConsumers, and its report as lines.
"""

import argparse
from collections.abc import Iterator, Mapping
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=["list", "rewind", "replay"])
    parser.add_argument("name", nargs="?", help="of a consumer; `list` shows all without it")
    parser.add_argument(
        "--to", metavar="TIME", help="rewind to the events from then on: 2026-11-01T00:00:00Z"
    )
    parser.add_argument("--number", type=int, help="replay this event; all by default")


def event_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """Raises ValueError."""
    if arguments.action != "list" and arguments.name is None:
        raise ValueError(f"Name the consumer: {arguments.action} NAME")
    options = {name: getattr(arguments, name) for name in ("name", "to", "number")}
    return {"action": arguments.action} | {
        name: value for name, value in options.items() if value is not None
    }


def lines_of(report: Mapping[str, Any]) -> Iterator[str]:
    for each in report["consumers"]:
        yield (
            f"{each['name']}: {each['behind']} events behind ({each['lag_seconds']:.1f} s), "
            f"{each['failed']} to try again, {each['set_aside']} set aside"
        )
    for event in report["failed_events"]:
        state = f"again at {event['retry_at']}" if event["retry_at"] else "set aside"
        yield (
            f"  {event['number']}  {event['type']} {event['seq']} of {event['stream_id']}, "
            f"{event['tries']} tries, {state}: {event['reason']}"
        )
