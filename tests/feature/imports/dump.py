"""A small site, in the format in which Stack Exchange publishes them; all of it made up."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import quoteattr

QUESTION = (
    '<p>The <strong>first</strong> cup &amp; the <a href="https://tea.example/leaf">leaf</a>, see'
    ' <a href="/questions/2">there</a>:</p>\n\n'
    "<pre><code>steep(5 * 60)\n&lt;stir&gt;\n</code></pre>\n"
    '<p><img src="https://tea.example/pot.png" alt="a pot"></p>\n'
    "<script>alert(1)</script><ul><li>one_two</li><li>*three*</li></ul>\n"
)

USERS = (
    {"Id": "-1", "CreationDate": "2014-12-31T00:00:00.000", "DisplayName": "Community"},
    {
        "Id": "7",
        "CreationDate": "2015-01-01T08:00:00.000",
        "DisplayName": "Zoë Leaf",
        "AboutMe": "<p>Drinks <em>tea</em>.</p>",
    },
    {"Id": "8", "CreationDate": "2015-01-02T08:00:00.000", "DisplayName": "茶人"},
)
POSTS = (
    {
        "Id": "1",
        "PostTypeId": "1",
        "AcceptedAnswerId": "3",
        "CreationDate": "2015-01-03T10:00:00.123",
        "Score": "12",
        "Body": QUESTION,
        "OwnerUserId": "7",
        "LastEditDate": "2015-01-04T10:00:00.500",
        "Title": "How long should tea steep?",
        "Tags": "<steeping><green-tea>",
    },
    {
        "Id": "2",
        "PostTypeId": "1",
        "CreationDate": "2015-01-03T11:00:00.000",
        "Score": "-3",
        "Body": "<p>Is it?</p>",
        "OwnerUserId": "99",
        "Title": "Is coffee a tea?",
        "Tags": "|off-topic|",
        "ClosedDate": "2015-01-05T00:00:00.000",
    },
    {
        "Id": "3",
        "PostTypeId": "2",
        "ParentId": "1",
        "CreationDate": "2015-01-03T12:00:00.000",
        "Score": "9",
        "Body": "<p>Five minutes.</p>",
        "OwnerUserId": "8",
    },
    {
        "Id": "4",
        "PostTypeId": "2",
        "ParentId": "1",
        "CreationDate": "2015-01-03T13:00:00.000",
        "Score": "0",
        "Body": "<p>An hour.</p>",
        "OwnerDisplayName": "gone user",
    },
)
COMMENTS = (
    {
        "Id": "50",
        "PostId": "3",
        "Score": "2",
        "Text": "At `80°`, *not* more.",
        "CreationDate": "2015-01-03T12:30:00.000",
        "UserId": "7",
    },
    {
        "Id": "51",
        "PostId": "1",
        "Score": "0",
        "Text": "Which tea?",
        "CreationDate": "2015-01-03T10:30:00.000",
        "UserId": "8",
    },
)
VOTES = (
    *({"Id": str(place), "PostId": "2", "VoteTypeId": "3"} for place in range(5)),
    *({"Id": str(place), "PostId": "2", "VoteTypeId": "2"} for place in range(5, 7)),
    {"Id": "9", "PostId": "1", "VoteTypeId": "1"},
)


def row(values: dict[str, str]) -> str:
    said = (
        f"{name}={quoteattr(value, {chr(10): '&#xA;', chr(13): '&#xD;'})}"
        for name, value in values.items()
    )
    return f"  <row {' '.join(said)} />"


def write(path: Path, *lines: str) -> None:
    head = f'\ufeff<?xml version="1.0" encoding="utf-8"?>\n<{path.stem.lower()}>\n'
    path.write_text(head + "\n".join(lines) + f"\n</{path.stem.lower()}>\n", encoding="utf-8")


def write_dump(folder: Path) -> Path:
    for name, rows in (
        ("Users", USERS),
        ("Posts", POSTS),
        ("Comments", COMMENTS),
        ("Votes", VOTES),
    ):
        write(folder / f"{name}.xml", *map(row, rows))
    return folder
