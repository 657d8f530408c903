"""Frames that every handler must refuse, and that must crash none."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
UNKNOWN = (
    *("", " ", "SEND", "send ", "sends", "deletes", "Subscribe", "type", "$connect", "$default"),
    *("$disconnect", "../send", "send\0", "séndé", "\ud800", "a" * 20_000, "__class__", "1"),
)
SOME = "00000000-0000-7000-8000-000000000000"
CONVERSATION = f"conv:{SOME}"
STREAMS = (
    *("", ":", "conv:", "conv:1", "user:me", f"team:{SOME}", f"CONV:{SOME}", f"{CONVERSATION}\n"),
    *(f"{CONVERSATION[:-1]}G", "conv:00000000000070008000000000000000", f"conv:{'-' * 36}"),
    *("\ud800", "conv:\0", "a" * 10_000, f"{{{SOME}}}", f"conv:{{{SOME}}}"),
)
VALID: Mapping[str, Mapping[str, object]] = {
    "send": {"conversation_id": SOME, "content": "hi"},
    "edit": {"message_id": SOME, "content": "hi", "version": 1},
    "delete": {"message_id": SOME},
    "react": {"message_id": SOME, "emoji": "👍", "added": True},
    "read": {"stream": CONVERSATION, "seq": 1},
    "subscribe": {"streams": [CONVERSATION]},
    "unsubscribe": {"streams": [CONVERSATION]},
    "typing": {"stream": CONVERSATION, "typing": True},
    "presence": {"status": "away"},
    "sync": {"cursors": {}},
    "ping": {},
    "hello": {},
}
"""The data of each action, in the right form."""

ACTIONS = tuple(VALID)
LONG = 700
"""As many ids as a frame has room for."""

INVALID: Mapping[str, tuple[object, ...]] = {
    "conversation_id": (*UNTYPED, "0" * 32, "\ud800", [SOME] * LONG),
    "message_id": (*UNTYPED, "\ud800", f"{SOME}\0", [SOME], [SOME] * LONG, f"{{{SOME[:-1]}}}"),
    "content": (*(o for o in UNTYPED if o != "x"), "\0", "\ud800", " ", "x" * 4001, ["x"] * LONG),
    "version": (None, 0, -1, 1.5, 2**31, 2**70, "one", [], {}, [1] * LONG),
    "emoji": (
        *UNTYPED,
        *(" ", "\0", "\u200d", "\u202e", "\ud800", "a" * 33, "👍 👍", "../..", "%00"),
        *("👍" * 1_000, ["👍"] * LONG),
    ),
    "added": (None, 7, -1, 1.5, "", "x", [], {}, [True] * LONG),
    "stream": (*UNTYPED, *STREAMS, [CONVERSATION], [CONVERSATION] * LONG, {CONVERSATION: 1}),
    "seq": (None, -1, 1.5, 2**63, 2**70, "x", [], {}, [1] * LONG),
    "typing": (None, 7, -1, 1.5, "", "x", [], {}, [True] * LONG),
    "status": (*UNTYPED, "offline", "ONLINE", "away\0", "a" * 20_000, ["away"], ["away"] * LONG),
    "streams": (
        *(o for o in UNTYPED if o != []),
        *([7], [None], [[CONVERSATION]], [{}], {CONVERSATION: 1}),
        *([CONVERSATION] * 51, [CONVERSATION] * LONG, [0] * 10_000),
        *([CONVERSATION, stream] for stream in STREAMS),
    ),
    "nonce": ([], {}, 7, "", " ", "n" * 65, "\0", "\ud800", "näh"),
    "reply_to": (7, "x", [], {}, "\ud800"),
    "attachments": (7, "x", {}, ["x"], [SOME], [SOME] * LONG),
    "cursors": (
        *(7, "x", [], [CONVERSATION], None),
        *({stream: 1} for stream in STREAMS),
        *({CONVERSATION: odd} for odd in UNTYPED if odd not in (True, 7)),
    ),
}
"""By field: invalid values, and values that are refused to a user without conversations."""

FIELDS: Mapping[str, Sequence[str]] = {action: [*data] for action, data in VALID.items()} | {
    "send": ("conversation_id", "content", "nonce", "reply_to", "attachments"),
    "ping": ("streams",),
    "hello": ("cursors",),
}


@dataclass(frozen=True, slots=True)
class ForeignResources:
    """What exists and the caller may not use. `messages`: those of others that the caller may not
    read; `readable`: those in a conversation of the caller. `streams`: of other conversations."""

    messages: Sequence[str]
    readable: Sequence[str]
    streams: Sequence[str]

    def frame(self, dice: random.Random) -> str:
        """Well formed, and refused."""
        action = dice.choice(("send", "edit", "delete", "react", "read", "typing"))
        messages = [*self.messages, *(self.readable if action in ("edit", "delete") else ())]
        stream = dice.choice(self.streams)
        names = {
            "message_id": dice.choice(messages),
            "stream": stream,
            "conversation_id": stream.removeprefix("conv:"),
        }
        return _frame(action, {**VALID[action], **_only(names, VALID[action])})


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


def invalid_id(dice: random.Random) -> str:
    odd = dice.choice((1.5, [], {}, [1], {"a": 1}, "i" * 101, "i" * 20_000))
    return json.dumps({"action": dice.choice(ACTIONS), "id": odd, "data": {}})


def malicious_id(dice: random.Random) -> str:
    """Of the right type; what it names is refused."""
    odd = dice.choice(("\ud800", "\0", "\u202e", "</script>", "é" * 100, 2**70, -(2**70), True))
    return json.dumps({"action": "send", "id": odd, "data": {}})


def invalid_data(dice: random.Random) -> str:
    wrong = [one for one in UNTYPED if not isinstance(one, dict)]
    return json.dumps({"action": dice.choice(ACTIONS), "id": 7, "data": dice.choice(wrong)})


def invalid_field(dice: random.Random) -> str:
    action = dice.choice(ACTIONS)
    field = dice.choice(FIELDS[action])
    return _frame(action, {**VALID[action], field: dice.choice(INVALID[field])})


def missing_field(dice: random.Random) -> str:
    action = dice.choice([action for action in ACTIONS if VALID[action]])
    missing = dice.choice([*VALID[action]])
    return _frame(action, {name: value for name, value in VALID[action].items() if name != missing})


def unknown_name(dice: random.Random) -> str:
    """A field of the data or a key of the frame that does not exist."""
    action = dice.choice(ACTIONS)
    odd = {dice.choice(("Content", "x" * 9_000, "\u202e", "a.b", "", "__proto__")): 1}
    frame = {"action": action, "id": action, "data": VALID[action]}
    changed = {**frame, "data": {**VALID[action], **odd}} if dice.random() < 0.5 else frame | odd
    return json.dumps(changed)


def deep(dice: random.Random) -> str:
    depth = dice.randrange(1_000, 4_500)  # a frame of API Gateway has at most 32 KB
    inner = "[" * depth + "]" * depth
    frames = (
        inner,
        f'{{"action":"send","id":1,"data":{inner}}}',
        '{"a":' * depth + "1" + "}" * depth,
    )
    return dice.choice(frames)


def invalid_numbers(dice: random.Random) -> str:
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
    invalid_id,
    malicious_id,
    invalid_data,
    invalid_field,
    invalid_field,
    invalid_field,
    invalid_field,
    missing_field,
    unknown_name,
    deep,
    invalid_numbers,
    large,
)


def _no_text(dice: random.Random) -> object:
    return dice.choice([one for one in UNTYPED if not isinstance(one, str)])


def _only(named: Mapping[str, object], wanted: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in named.items() if name in wanted}


def _frame(action: str, data: Mapping[str, Any]) -> str:
    return json.dumps({"action": action, "id": action, "data": data})
