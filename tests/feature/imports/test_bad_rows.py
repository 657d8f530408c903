"""A dump that is damaged: what can be taken is taken, all else is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from cgraph_local.imports.stackexchange import loading
from cgraph_local.imports.stackexchange.xml_rows import UnsafeDoctype
from tests.feature.imports.dump import COMMENTS, POSTS, USERS, row, write, write_dump
from tests.feature.imports.importing import Importing
from tests.feature.world import Person

QUESTION, _, ANSWER, _ = POSTS
DEEP = "<b>" * 200 + "x" + "</b>" * 200


async def test_each_bad_row_is_named(
    importing: Importing, ada: Person, slug: str, tmp_path: Path
) -> None:
    write(
        tmp_path / "Posts.xml",
        row(QUESTION | {"AcceptedAnswerId": "77"}),
        row(QUESTION | {"Title": "The same again"}),
        row(without(QUESTION, "Title") | {"Id": "10"}),
        row(QUESTION | {"Id": "eleven"}),
        row(QUESTION | {"Id": "12", "CreationDate": "2015-13-01T00:00:00.000"}),
        row(QUESTION | {"Id": "13", "CreationDate": "1815-01-01T00:00:00.000"}),
        row(QUESTION | {"Id": "14", "CreationDate": "2999-01-01T00:00:00.000"}),
        row(QUESTION | {"Id": "15", "Score": "9" * 30}),
        row(QUESTION | {"Id": "16", "Body": DEEP}),
        row(QUESTION | {"Id": "17", "PostTypeId": "5"}),
        '  <row Id="19" Title="not well formed & broken" />',
        row(ANSWER | {"ParentId": "1000"}),
        '  <row Id="18" PostTypeId="1" Title="never ends" ',
        row(ANSWER | {"Id": "20", "Score": "-1"}),
        row(QUESTION | {"Id": "21", "Title": "t" * 400, "Tags": f"<{'l' * 40}>"}),
    )
    write(
        tmp_path / "Comments.xml",
        row(COMMENTS[0] | {"PostId": "17"}),
        row(COMMENTS[1]),
        row(COMMENTS[1] | {"Id": "52", "Text": " "}),
    )
    done = await importing.stack_exchange(tmp_path, slug, owner=ada)
    assert done == loading.ImportCounts(people=2, posts=2, answers=1, comments=1)
    assert importing.reasons() == {
        "its accepted answer is not in the dump": 2,
        "its tags were cut": 1,
        "its title was cut": 1,
        "left out: CreationDate is not a date": 1,
        "left out: CreationDate is out of range": 2,
        "left out: Id is not a number": 1,
        "left out: Score is out of range": 1,
        "left out: its HTML is nested too deeply": 1,
        "left out: duplicate Id": 1,
        "left out: its post is not in the dump": 1,
        "left out: its question is not in the dump": 1,
        "left out: neither question nor answer: tag wiki": 1,
        "left out: no Text": 1,
        "left out: no Title": 1,
        "left out: not XML: not well-formed (invalid token)": 2,
    }
    for compared in await importing.check(tmp_path, slug, owner=ada):
        assert compared.is_equal, str(compared)


@pytest.mark.parametrize("end", ["", '  <row Id="3" PostTy'])
async def test_a_file_that_ends_early_gives_what_it_has(
    importing: Importing, ada: Person, slug: str, tmp_path: Path, end: str
) -> None:
    (tmp_path / "Posts.xml").write_text(f"<posts>\n{row(QUESTION)}\n{end}", encoding="utf-8")
    done = await importing.stack_exchange(tmp_path, slug, owner=ada)
    assert done.posts == 1
    assert sum("the file ends early" in reason for reason in importing.reasons()) == 1


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE posts>",
        "<!DOCTYPE posts [\n<!ELEMENT posts (row*)>\n<!-- rows -->\n]>",
        "<!DOCTYPE posts [<!ATTLIST row Id CDATA #IMPLIED>]>",
    ],
)
async def test_a_dump_with_a_doctype_is_read(
    importing: Importing, ada: Person, slug: str, tmp_path: Path, doctype: str
) -> None:
    (tmp_path / "Posts.xml").write_text(
        f'<?xml version="1.0"?>\n{doctype}\n<posts>\n{row(QUESTION)}\n{row(ANSWER)}\n</posts>\n',
        encoding="utf-8",
    )
    done = await importing.stack_exchange(tmp_path, slug, owner=ada)
    assert (done.posts, done.answers) == (1, 1)
    assert importing.reasons() == {}


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE posts [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
        '<!DOCTYPE posts [<!ENTITY % a "aaaa">]>',
        '<!DOCTYPE posts [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE posts [<!ATTLIST row Title CDATA "X">]>',
        '<!DOCTYPE posts SYSTEM "posts.dtd">',
        '<!DOCTYPE posts PUBLIC "-//Tea//Posts" "https://tea.example/posts.dtd">',
    ],
)
async def test_a_doctype_may_not_define_or_fetch_anything(
    importing: Importing, ada: Person, slug: str, tmp_path: Path, doctype: str
) -> None:
    """A few lines of entities within entities would be gigabytes of text."""
    (tmp_path / "Posts.xml").write_text(
        f'<?xml version="1.0"?>\n{doctype}\n<posts>\n{row(QUESTION)}\n</posts>\n'
    )
    with pytest.raises(UnsafeDoctype, match=r"Posts\.xml: its DOCTYPE"):
        await importing.stack_exchange(tmp_path, slug, owner=ada)
    assert await importing.world.sql("SELECT FROM forums WHERE slug = %s", slug) == []


async def test_what_has_no_place_is_named(
    importing: Importing, ada: Person, slug: str, tmp_path: Path
) -> None:
    write_dump(tmp_path)
    long = {"DisplayName": "n" * 70, "AboutMe": "<p>" + "a" * 600 + "</p>"}
    write(tmp_path / "Users.xml", *(row(user | long) for user in USERS))
    write(tmp_path / "Badges.xml", row({"Id": "1"}))
    await importing.stack_exchange(tmp_path, slug, owner=ada)
    assert importing.reasons() == {
        "left out: not imported": 1,
        "a user's display name was cut": 3,
        "a user's bio was cut": 3,
    }


def without(values: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in values.items() if key != name}


async def test_texts_are_stored_as_those_of_users_are(
    importing: Importing, ada: Person, slug: str, tmp_path: Path
) -> None:
    marks = "\u0301" * 30
    write(
        tmp_path / "Users.xml",
        row(USERS[0] | {"AboutMe": "e\u0301" + "\U0001f44d\U0001f3fd" * 500}),
    )
    write(
        tmp_path / "Posts.xml",
        row(
            QUESTION
            | {"Id": "1", "Title": "\u202ee\u0301\u200b", "Tags": "<\u200b><Tea><tea><e\u0301>"}
            | {"Body": f"<p>x{marks}y\x85z</p>"}
        ),
        row(QUESTION | {"Id": "5", "Title": "\u2060\u202e"}),
        row(QUESTION | {"Id": "6", "Title": "\U0001f44d\U0001f3fd" * 301}),
        row(ANSWER | {"Id": "20", "ParentId": "1", "Body": "<p>\u2060</p>"}),
    )
    write(
        tmp_path / "Comments.xml",
        row(COMMENTS[1] | {"Id": "52", "PostId": "1", "Text": "\u200b"}),
        row(COMMENTS[1] | {"Id": "53", "PostId": "1", "Text": f"e\u0301{marks}"}),
    )
    await importing.stack_exchange(tmp_path, slug, owner=ada)
    listed = (await ada.call("list_posts", slug=slug, query="sort=new")).body["items"]
    posts = {post["title"]: post for post in listed}
    assert set(posts) == {"\u00e9", "\U0001f44d\U0001f3fd" * 300}
    post = posts["\u00e9"]
    assert post["tags"] == ["Tea", "\u00e9"]
    shown = (await ada.call("show_post", id=post["id"])).body
    assert shown["body"] == "x" + "\u0301" * 10 + "yz"
    (comment,) = (await ada.call("list_comments", id=post["id"])).body["items"]
    assert comment["body"] == "\u00e9" + "\u0301" * 9
    ((bio,),) = await ada.world.sql("SELECT bio FROM users WHERE bio LIKE 'é%%'")
    assert bio == "\u00e9" + "\U0001f44d\U0001f3fd" * 499
    reasons = importing.reasons()
    assert reasons["what cannot be stored was removed: control_character"] == 1
    assert reasons["what cannot be stored was removed: combining_marks"] == 1
    assert reasons["a tag that is there twice or is blank was left out"] == 1
    assert reasons["a user's bio was cut"] == 1
    assert reasons["its title was cut"] == 1
    assert reasons["left out: no Title"] == 1
    assert reasons["left out: no visible text"] + reasons.get("left out: no Text", 0) == 2
