"""docs/decisions: numbers have no gaps, the index is complete, and links go both ways."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.contract.checkout import CHECKOUT

FOLDER = CHECKOUT / "docs" / "decisions"
CITING = ("README.md", "docs", "functions", "infra", "layers/cgraph", "clients", "scripts", "tests")
CITING_FILES = (".md", ".py", ".sql", ".yaml", ".toml")

FORM = re.compile(
    r"# (?P<number>\d{4}) · (?P<title>.+)\n\n"
    r"- Date: \d{4}-\d{2}-\d{2}\n"
    r"- Status: (?P<status>accepted|(?:amended|superseded) by .+)\n"
    r"(?:- Amends: (?P<amends>.+)\n)?"
    r"(?:- Supersedes: (?P<supersedes>.+)\n)?"
    r"\n## Context\n\n(?:.+\n)+\n## Decision\n"
)
LINK = re.compile(r"\[(\d{4})\]\((\d{4}-[a-z0-9-]+\.md)\)")
CITATION = re.compile(r"decisions? (\d{4})")


@dataclass(frozen=True, slots=True)
class Decision:
    """`changed_by`, `changes`: the numbers of later and of earlier decisions."""

    file: str
    number: str
    title: str
    status: str
    changed_by: list[str]
    changes: list[str]


def read(path: Path) -> Decision:
    form = FORM.match(path.read_text())
    assert form, f"{path.name} does not have the form of the other decisions"
    changes = f"{form['amends']} {form['supersedes']}"
    return Decision(
        path.name,
        form["number"],
        form["title"],
        form["status"],
        [number for number, _ in LINK.findall(form["status"])],
        [number for number, _ in LINK.findall(changes)],
    )


@pytest.fixture(scope="module")
def decisions() -> list[Decision]:
    return [read(path) for path in sorted(FOLDER.glob("[0-9]*.md"))]


def test_the_numbers_have_no_gap(decisions: list[Decision]) -> None:
    assert [each.number for each in decisions] == [
        f"{number:04}" for number in range(1, len(decisions) + 1)
    ]
    for each in decisions:
        assert each.file.startswith(f"{each.number}-"), each.file


def test_the_index_lists_each_decision_with_its_title_and_status(
    decisions: list[Decision],
) -> None:
    lines = [
        f"| [{each.number}]({each.file}) | {each.title} | {each.status} |" for each in decisions
    ]
    index = (FOLDER / "README.md").read_text().splitlines()
    assert [line for line in index if line.startswith("| [")] == lines


def test_a_decision_that_was_changed_and_the_one_that_changed_it_link_to_each_other(
    decisions: list[Decision],
) -> None:
    assert {(old, each.number) for each in decisions for old in each.changes} == {
        (each.number, new) for each in decisions for new in each.changed_by
    }


def test_links_lead_to_decisions(decisions: list[Decision]) -> None:
    files = {each.number: each.file for each in decisions}
    for path in FOLDER.glob("*.md"):
        for number, file in LINK.findall(path.read_text()):
            assert files.get(number) == file, f"{path.name} links to {file}"


def test_cited_decisions_exist(decisions: list[Decision]) -> None:
    numbers = {each.number for each in decisions}
    paths = [path for name in CITING for path in _files(CHECKOUT / name)]
    assert paths
    for path in paths:
        cited = set(CITATION.findall(path.read_text()))
        assert cited <= numbers, f"{path.relative_to(CHECKOUT)} cites {cited - numbers}"


def _files(path: Path) -> list[Path]:
    files = [path] if path.is_file() else path.rglob("*")
    return [file for file in files if file.suffix in CITING_FILES and ".venv" not in file.parts]
