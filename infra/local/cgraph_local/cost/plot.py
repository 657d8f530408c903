"""The plot of cost by users, with logarithmic axes, as SVG."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from cgraph_local.cost.bill import COST_TARGETS

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 30, 50
USERS = (100.0, 1_000_000.0)
USD = (10.0, 20_000.0)
COLOURS = ("#1f6feb", "#2da44e", "#bf5700")
STYLE = "font-family='sans-serif' font-size='12' fill='#333'"

Curve = Sequence[tuple[float, float]]
"""Pairs of users and USD."""


def plot(curves: Mapping[str, Curve]) -> str:
    body = [*_grid(), *_seed(), *_targets(), *_curves(curves)]
    head = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' "
        f"role='img' aria-label='USD a month by users'>"
    )
    return "\n".join([head, f"<rect width='{WIDTH}' height='{HEIGHT}' fill='white'/>", *body])


def points(low: float = USERS[0], high: float = USERS[1], *, per_decade: int = 12) -> list[int]:
    """Numbers of users, evenly spaced on a logarithmic axis, both ends included."""
    steps = round(math.log10(high / low) * per_decade)
    return [round(low * (high / low) ** (step / steps)) for step in range(steps + 1)]


def _x(users: float) -> float:
    return LEFT + _share(users, USERS) * (WIDTH - LEFT - RIGHT)


def _y(usd: float) -> float:
    return HEIGHT - BOTTOM - _share(usd, USD) * (HEIGHT - TOP - BOTTOM)


def _share(value: float, ends: tuple[float, float]) -> float:
    low, high = ends
    return math.log(min(max(value, low), high) / low) / math.log(high / low)


def _grid() -> Iterator[str]:
    for users in (100, 1_000, 10_000, 100_000, 1_000_000):
        x = _x(users)
        yield _rule(x, _y(USD[0]), x, _y(USD[1]))
        yield _text(x, HEIGHT - BOTTOM + 18, f"{users:,}", anchor="middle")
    for usd in (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000):
        y = _y(usd)
        yield _rule(_x(USERS[0]), y, _x(USERS[1]), y)
        yield _text(LEFT - 6, y + 4, f"{usd:,}", anchor="end")
    yield _text((LEFT + WIDTH) / 2, HEIGHT - 10, "users", anchor="middle")
    yield _text(LEFT, TOP - 12, "USD a month")


def _seed() -> Iterator[str]:
    for target in COST_TARGETS:
        if target.seed_usd is not None:
            low, high = target.seed_usd
            x, y = _x(target.users), _y(high)
            yield (
                f"<rect x='{x - 7:.1f}' y='{y:.1f}' width='14' height='{_y(low) - y:.1f}' "
                "fill='#999' fill-opacity='0.5'><title>stated by the seed system</title></rect>"
            )


def _targets() -> Iterator[str]:
    for target in COST_TARGETS:
        x, y = _x(target.users), _y(target.max_usd["ipv6"])
        yield f"<path d='M{x - 12:.1f} {y:.1f}h24' stroke='#1a7f37' stroke-width='3'/>"


def _curves(curves: Mapping[str, Curve]) -> Iterator[str]:
    for number, (name, curve) in enumerate(curves.items()):
        colour = COLOURS[number]
        path = " ".join(f"{_x(users):.1f},{_y(usd):.1f}" for users, usd in curve)
        yield f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='2'/>"
        yield from _legend(number, colour, name)
    yield from _legend(len(curves), "#1a7f37", "target (ipv6)")
    yield from _legend(len(curves) + 1, "#999", "stated by the seed system")
    yield "</svg>\n"


def _legend(number: int, colour: str, name: str) -> Iterable[str]:
    y = TOP + 16 + 18 * number
    swatch = f"<path d='M{LEFT + 14} {y - 4}h20' stroke='{colour}' stroke-width='4'/>"
    return swatch, _text(LEFT + 42, y, name)


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f"<path d='M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}' stroke='#ddd'/>"


def _text(x: float, y: float, text: str, *, anchor: str = "start") -> str:
    return f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' {STYLE}>{text}</text>"
