"""docs/architecture.md shows the imports between the rooms."""

from scripts.architecture_svg import Room, arrows
from scripts.draw_architecture import new_files
from tests.contract.checkout import CHECKOUT

DOCS = CHECKOUT / "docs"


def test_the_picture_and_the_text_of_the_rooms_are_up_to_date() -> None:
    for name, text in new_files(DOCS).items():
        path = DOCS / name
        assert path.is_file() and text == path.read_text(), (
            f"docs/{name} is stale: run `make architecture` and commit what it changes"
        )


def test_an_import_that_follows_from_other_imports_has_no_arrow() -> None:
    rooms = {
        "top": Room("top", [], ["middle", "aside", "bottom"], floor=2),
        "aside": Room("aside", [], ["bottom"], floor=1),
        "middle": Room("middle", [], ["bottom"], floor=1),
        "bottom": Room("bottom", [], [], floor=0),
    }
    assert arrows(rooms) == [
        ("top", "middle"),
        ("top", "aside"),
        ("aside", "bottom"),
        ("middle", "bottom"),
    ]
