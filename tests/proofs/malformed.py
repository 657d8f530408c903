"""Frames that no handler may accept, and none may die of."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

UNTYPED: tuple[object, ...] = (
    None,
    True,
    7,
    -1,
    2**63,
    2**70,
    1.5,
    "",
    "x",
    [],
    [[]],
    {},
    {"a": 1},
)
ACTIONS = ("hello", "ping", "send", "sync")
UNKNOWN = (
    *("", " ", "SEND", "send ", "sends", "delete", "subscribe", "typing", "$connect", "$default"),
    *("$disconnect", "../send", "send\0", "séndé", "\ud800", "a" * 20_000, "__class__", "1"),
)
STREAMS = (
    *("", ":", "conv:", "conv:1", "user:me", "post:00000000-0000-7000-8000-000000000000"),
    *("conv:00000000-0000-7000-8000-00000000000G", "CONV:00000000-0000-7000-8000-000000000000"),
    *("conv:00000000000070008000000000000000", "\ud800", "conv:\0", "a" * 10_000),
)


def malformed_frame(dice: random.Random) -> str:
    return dice.choice(KINDS)(dice)


def not_json(dice: random.Random) -> str:
    noise = "".join(chr(dice.randrange(1, 0x3000)) for _ in range(dice.randrange(40)))
    return dice.choice(
        (noise, "{", '{"action"', "'send'", '{"action": "send",}', "nul", "\ufeff{}", "<send/>")
    )


def not_an_object(dice: random.Random) -> str:
    return json.dumps(dice.choice([one for one in UNTYPED if not isinstance(one, dict)]))


def without_an_action(dice: random.Random) -> str:
    other = dice.choice(UNTYPED)
    frame = {"id": "x", "data": other, "Action": "send"}
    return json.dumps(frame if dice.random() < 0.5 else {"action": _no_text(dice)})


def unknown_action(dice: random.Random) -> str:
    return json.dumps({"action": dice.choice(UNKNOWN), "id": "x", "data": {}})


def odd_id(dice: random.Random) -> str:
    odd = dice.choice((1.5, [], {}, [1], {"a": 1}, "i" * 101, "i" * 20_000))
    return json.dumps({"action": dice.choice(ACTIONS), "id": odd, "data": {}})


def hostile_id(dice: random.Random) -> str:
    """Of the right type; what it names is refused."""
    odd = dice.choice(("\ud800", "\0", "\u202e", "</script>", "é" * 100, 2**70, -(2**70), True))
    return json.dumps({"action": "send", "id": odd, "data": {}})


def odd_data(dice: random.Random) -> str:
    wrong = [one for one in UNTYPED if not isinstance(one, dict)]
    return json.dumps({"action": dice.choice(ACTIONS), "id": 7, "data": dice.choice(wrong)})


def odd_send(dice: random.Random) -> str:
    good = {"conversation_id": "00000000-0000-7000-8000-000000000000", "content": "hi"}
    odd = {
        "conversation_id": dice.choice((*UNTYPED, "0" * 32, "\ud800")),
        "content": dice.choice(
            (*(o for o in UNTYPED if o != "x"), "\0", "\ud800", " ", "x" * 4001)
        ),
        "nonce": dice.choice(([], {}, 7, "", " ", "n" * 65, "\0", "\ud800", "näh")),
        "reply_to": dice.choice((7, "x", [], {}, "\ud800")),
        "attachments": dice.choice((7, "x", {}, ["x"], [good["conversation_id"]])),
    }
    field = dice.choice(sorted(odd))
    return json.dumps({"action": "send", "id": "s", "data": good | {field: odd[field]}})


def odd_cursors(dice: random.Random) -> str:
    some = f"conv:00000000-0000-7000-8000-{dice.randrange(10**12):012}"
    cursors: object = dice.choice(
        (
            {dice.choice(STREAMS): 1},
            {some: dice.choice((-1, 2**63, 2**70, 1.5, "x", None, [], {}))},
            dice.choice((7, "x", [], [some], None)),
        )
    )
    action = dice.choice(("hello", "sync"))
    return json.dumps({"action": action, "id": 1, "data": {"cursors": cursors}})


def odd_focus(dice: random.Random) -> str:
    some = "conv:00000000-0000-7000-8000-000000000000"
    streams: object = dice.choice(([dice.choice(STREAMS)], [7], [None], 7, {}, "x", [some] * 51))
    return json.dumps({"action": "ping", "id": 1, "data": {"streams": streams}})


def deep(dice: random.Random) -> str:
    depth = dice.randrange(1_000, 4_500)  # a frame of API Gateway has at most 32 KB
    inner = "[" * depth + "]" * depth
    frames = (
        inner,
        f'{{"action":"send","id":1,"data":{inner}}}',
        '{"a":' * depth + "1" + "}" * depth,
    )
    return dice.choice(frames)


def odd_numbers(dice: random.Random) -> str:
    number = dice.choice(("NaN", "Infinity", "-Infinity", "1e999", "-0.0", "9" * 5_000))
    where = dice.choice(
        (
            f'{{"action":"send","id":1,"data":{{"content":{number}}}}}',
            f'{{"action":{number}}}',
            f'{{"action":"sync","id":1,"data":{{"cursors":{{}},"limit":{number}}}}}',
        )
    )
    return where


def large(dice: random.Random) -> str:
    content = "x" * dice.randrange(10_000, 30_000)
    return json.dumps({"action": "send", "id": 1, "data": {"content": content}})


KINDS: tuple[Callable[[random.Random], str], ...] = (
    not_json,
    not_an_object,
    without_an_action,
    unknown_action,
    odd_id,
    hostile_id,
    odd_data,
    odd_send,
    odd_cursors,
    odd_focus,
    deep,
    odd_numbers,
    large,
)


def _no_text(dice: random.Random) -> object:
    return dice.choice([one for one in UNTYPED if not isinstance(one, str)])
