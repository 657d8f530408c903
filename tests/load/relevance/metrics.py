"""How good a ranking is, judged by what is relevant to its query."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from math import log2
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def ndcg(ranking: Sequence[Key], gains: Mapping[Key, float], *, at: int) -> float:
    """The discounted cumulative gain of the first `at` hits, as a share of what the best ranking
    has: each hit's gain, divided by the logarithm to base 2 of its position plus 1. Of something
    found twice only the first counts. 0 if nothing is relevant.
    """
    best = _discounted(sorted(gains.values(), reverse=True)[:at])
    found = _discounted(gains.get(key, 0.0) for key in list(dict.fromkeys(ranking))[:at])
    return found / best if best else 0.0


def recall(ranking: Sequence[Key], relevant: Collection[Key], *, at: int) -> float:
    """The share of what is relevant that is among the first `at` hits. 0 if nothing is relevant."""
    found = set(ranking[:at]) & set(relevant)
    return len(found) / len(set(relevant)) if relevant else 0.0


def _discounted(gains: Iterable[float]) -> float:
    return sum(gain / log2(position + 1) for position, gain in enumerate(gains, start=1))
