"""How much each part of the bench measures."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Sizes:
    """`rounds`: in which both servers take turns. `fan_out`: the rates (messages a second) by the
    number of sockets, each for `fan_out_seconds` but at least `fan_out_messages`. `flat_…`: the
    sizes of each dimension in flatness/series.py, and the rounds with `calls` of each query;
    `searches`: of each kind, at both of `flat_documents`.
    `uploads`: of each picture, the large ones of `upload_bytes`.
    `found`: things written in each state of `found_writers` others.
    `imported`: how many functions; None for all.
    """

    name: str
    settle: float
    warm_up: float
    seconds: float
    connections: tuple[int, ...]
    compared_connections: int
    rounds: int
    round_seconds: float
    people: int
    history: int
    posts: int
    exchange_seconds: float
    fan_out: dict[int, tuple[int, ...]]
    fan_out_seconds: float
    fan_out_messages: int
    opened: int
    opening_rounds: int
    missed: int
    behind: int
    syncs: int
    registered: int
    imported: int | None
    import_rounds: int
    voting_seconds: float
    flat_posts: tuple[int, ...]
    flat_messages: tuple[int, ...]
    flat_conversations: tuple[int, ...]
    flat_members: tuple[int, ...]
    flat_comments: tuple[int, ...]
    flat_months: tuple[int, ...]
    flat_documents: tuple[int, int]
    searches: int
    found: int
    found_writers: int
    bulk_documents: int
    bulk_rounds: int
    flat_rounds: int
    calls: int
    uploads: int
    upload_bytes: int


def sizes(*, quick: bool, full: bool) -> Sizes:
    """`quick`: a few seconds, whose results mean nothing. `full`: also ten million messages."""
    if quick:
        return _QUICK
    return _FULL if full else _USUAL


_USUAL = Sizes(
    name="usual",
    settle=2.0,
    warm_up=1.0,
    seconds=3.0,
    connections=(1, 8, 32),
    compared_connections=8,
    rounds=3,
    round_seconds=3.0,
    people=200,
    history=2000,
    posts=1000,
    exchange_seconds=10.0,
    fan_out={1: (1, 10, 50), 20: (1, 10, 50), 200: (1, 10, 50), 1000: (1, 5, 10)},
    fan_out_seconds=5.0,
    fan_out_messages=10,
    opened=500,
    opening_rounds=3,
    missed=1000,
    behind=2000,
    syncs=40,
    registered=10_000,
    imported=None,
    import_rounds=2,
    voting_seconds=3.0,
    flat_posts=(1000, 10_000, 100_000, 1_000_000),
    flat_messages=(10_000, 100_000, 1_000_000),
    flat_conversations=(10, 100, 1000, 10_000),
    flat_members=(2, 20, 200, 1000, 10_000),
    flat_comments=(10, 100, 1000, 10_000),
    flat_months=(1, 3, 12, 36, 60),
    flat_documents=(20_000, 200_000),
    searches=60,
    found=60,
    found_writers=4,
    bulk_documents=10_000,
    bulk_rounds=5,
    flat_rounds=9,
    calls=10,
    uploads=20,
    upload_bytes=20 * 1024**2,
)

_FULL = replace(
    _USUAL,
    name="full",
    flat_messages=(10_000, 100_000, 1_000_000, 10_000_000),
    flat_documents=(200_000, 2_000_000),
    rounds=7,
)

_QUICK = Sizes(
    name="quick",
    settle=0.1,
    warm_up=0.1,
    seconds=0.3,
    connections=(2,),
    compared_connections=2,
    rounds=1,
    round_seconds=1.0,
    people=24,
    history=60,
    posts=100,
    exchange_seconds=0.5,
    fan_out={2: (10,), 20: (10,)},
    fan_out_seconds=0.5,
    fan_out_messages=3,
    opened=10,
    opening_rounds=1,
    missed=30,
    behind=40,
    syncs=2,
    registered=100,
    imported=1,
    import_rounds=1,
    voting_seconds=1.0,
    flat_posts=(100, 300),
    flat_messages=(100, 300),
    flat_conversations=(10, 30),
    flat_members=(2, 40),
    flat_comments=(10, 30),
    flat_months=(1, 2),
    flat_documents=(500, 1000),
    searches=2,
    found=3,
    found_writers=1,
    bulk_documents=300,
    bulk_rounds=1,
    flat_rounds=1,
    calls=2,
    uploads=1,
    upload_bytes=1024**2,
)
