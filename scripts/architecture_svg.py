"""The picture of docs/architecture.md: rooms on floors, and arrows that all go down."""

import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

WIDTH, MARGIN, GAP = 760, 16, 36
"""The width of the picture, the margin around it, and the gap between two boxes or two floors. All
lengths are in pixels."""

TITLE, LINE, PADDING, CHARACTER = 40, 17, 16, 7.1
PASSAGE_WIDTH = 16

HEAD = f"""\
<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} %d' role='img' \
aria-label='The rooms of cgraph and their imports'>
<style>
text {{ font: 12px sans-serif; fill: #1f2328 }}
.name {{ font: bold 14px sans-serif }}
.room {{ fill: #eef3f8; stroke: #8b949e }}
.arrow {{ fill: none; stroke: #8b949e; stroke-width: 1.5 }}
@media (prefers-color-scheme: dark) {{
text {{ fill: #e6edf3 }}
.room {{ fill: #1c2530 }}
}}
</style>
<marker id='head' viewBox='0 0 8 8' refX='8' refY='4' markerWidth='8' markerHeight='8' \
orient='auto'><path d='M0 0L8 4L0 8z' fill='#8b949e'/></marker>"""


@dataclass(frozen=True, slots=True)
class Room:
    """`contents`: its packages, or its modules where it has no packages. `imports`: the rooms that
    it imports, highest first. `floor`: 0 for a room that imports none, else one more than the
    highest floor of those.
    """

    name: str
    contents: Sequence[str]
    imports: Sequence[str]
    floor: int


class Passage(NamedTuple):
    """The point where the arrow between two rooms crosses a floor between theirs."""

    source: str
    target: str
    floor: int


@dataclass(slots=True)
class Box:
    """The rectangle of a room or a passage in the picture."""

    left: float
    width: float
    top: float = 0.0
    height: float = 0.0

    @property
    def center(self) -> float:
        return self.left + self.width / 2

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def nearest(self, x: float) -> float:
        """The x of its edge that is nearest to `x`, but not close to its corners."""
        inset = min(24.0, self.width / 2)
        return min(max(x, self.left + inset), self.left + self.width - inset)


Rooms = Mapping[str, Room]
"""By name, from the highest floor to the lowest."""

Node = str | Passage
Chain = Sequence[Node]
"""An arrow: from a room through passages to another room."""


def draw(rooms: Rooms) -> str:
    chains = [_chain(rooms[source], rooms[target]) for source, target in arrows(rooms)]
    boxes = _boxes(rooms, chains)
    height = max(box.bottom for box in boxes.values()) + MARGIN
    return "\n".join(
        [
            HEAD % height,
            *(_arrow([boxes[node] for node in chain]) for chain in chains),
            *(line for room in rooms.values() for line in _room(room, boxes[room.name])),
            "</svg>\n",
        ]
    )


def arrows(rooms: Rooms) -> list[tuple[str, str]]:
    """The imports that do not follow from others. Where a room imports two others, of which one
    imports the other, even through further rooms, the arrow to that other is left out.
    """
    below: dict[str, set[str]] = {}
    for name in reversed(list(rooms)):
        imports = rooms[name].imports
        below[name] = {*imports}.union(*(below[other] for other in imports))
    return [
        (room.name, target)
        for room in rooms.values()
        for target in room.imports
        if not any(target in below[other] for other in room.imports)
    ]


def _chain(source: Room, target: Room) -> Chain:
    floors = range(source.floor - 1, target.floor, -1)
    return [
        source.name,
        *(Passage(source.name, target.name, floor) for floor in floors),
        target.name,
    ]


def _boxes(rooms: Rooms, chains: Iterable[Chain]) -> dict[Node, Box]:
    floors = defaultdict[int, set[Node]](set)
    for room in rooms.values():
        floors[room.floor].add(room.name)
    for node in (node for chain in chains for node in chain):
        if isinstance(node, Passage):
            floors[node.floor].add(node)
    boxes = _columns(floors, chains)
    top = float(MARGIN)
    for floor in sorted(floors, reverse=True):
        names = [node for node in floors[floor] if isinstance(node, str)]
        height = max(TITLE + LINE * len(_lines(rooms[name], boxes[name])) for name in names)
        for node in floors[floor]:
            boxes[node].top, boxes[node].height = top, height
        top += height + GAP
    return boxes


def _columns(floors: Mapping[int, set[Node]], chains: Iterable[Chain]) -> dict[Node, Box]:
    """Places nodes from the lowest floor up, each as near as possible above those it leads to."""
    leads_to = defaultdict[Node, list[Node]](list)
    for node, following in (pair for chain in chains for pair in pairwise(chain)):
        leads_to[node].append(following)
    boxes: dict[Node, Box] = {}

    def order(node: Node) -> tuple[float, str]:
        centers = [boxes[each].center for each in leads_to[node]]
        return sum(centers) / max(1, len(centers)), str(node)

    for floor in sorted(floors):
        boxes |= _side_by_side(sorted(floors[floor], key=order))
    return boxes


def _side_by_side(nodes: Sequence[Node]) -> dict[Node, Box]:
    """Passages have a fixed width; the rooms share the rest."""
    passages = sum(isinstance(node, Passage) for node in nodes)
    free = WIDTH - 2 * MARGIN - GAP * (len(nodes) - 1) - PASSAGE_WIDTH * passages
    boxes: dict[Node, Box] = {}
    left = float(MARGIN)
    for node in nodes:
        wide = free / (len(nodes) - passages)
        boxes[node] = Box(left, PASSAGE_WIDTH if isinstance(node, Passage) else wide)
        left += boxes[node].width + GAP
    return boxes


def _lines(room: Room, box: Box) -> list[str]:
    return textwrap.wrap(", ".join(room.contents), int((box.width - 2 * PADDING) / CHARACTER))


def _room(room: Room, box: Box) -> Iterator[str]:
    x, y = box.left + PADDING, box.top + TITLE - PADDING
    yield (
        f"<rect class='room' x='{box.left:.0f}' y='{box.top:.0f}' width='{box.width:.0f}' "
        f"height='{box.height:.0f}' rx='6'/>"
    )
    yield f"<text class='name' x='{x:.0f}' y='{y:.0f}'>{room.name}</text>"
    for number, line in enumerate(_lines(room, box), start=1):
        yield f"<text x='{x:.0f}' y='{y + LINE * number:.0f}'>{line}</text>"


def _arrow(boxes: Sequence[Box]) -> str:
    source, *passages, target = boxes
    x = source.nearest(boxes[1].center)
    points = [(x, source.bottom)]
    for box in passages:
        x = box.center
        points += [(x, box.top), (x, box.bottom)]
    points.append((target.nearest(x), target.top))
    path = "L".join(f"{x:.0f} {y:.0f}" for x, y in points)
    return f"<path class='arrow' d='M{path}' marker-end='url(#head)'/>"
