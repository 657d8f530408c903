from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from cgraph.core.markdown import render
from cgraph.forums.posts.models import Post
from cgraph_local.imports.errors import CannotImport
from cgraph_local.imports.stackexchange import loading
from tests.feature.imports.dump import COMMENTS, POSTS, USERS, row, write, write_dump
from tests.feature.imports.importing import Importing
from tests.feature.search.indexing import index
from tests.feature.world import Person

ALL = loading.ImportCounts(people=5, posts=2, answers=2, comments=2)
NOTHING = loading.ImportCounts(people=0, posts=0, answers=0, comments=0)


async def test_a_site_reads_as_a_forum(
    importing: Importing, ada: Person, eve: Person, slug: str, tmp_path: Path
) -> None:
    assert await importing.stack_exchange(write_dump(tmp_path), slug, owner=ada) == ALL
    assert importing.reasons() == {}
    steeping, coffee = await posts_of(eve, slug)
    for post in (steeping, coffee):
        assert Post.model_validate(post).model_dump(mode="json") == post

    assert steeping["title"] == "How long should tea steep?"
    assert steeping["tags"] == ["steeping", "green-tea"]
    assert (steeping["score"], steeping["comment_count"]) == (12, 4)
    assert steeping["created_at"] == "2015-01-03T10:00:00.123Z"
    assert steeping["edited_at"] == "2015-01-04T10:00:00.500Z"
    assert steeping["author"]["username"] == f"zoe-leaf-{slug[:10]}-7"
    assert steeping["author"]["display_name"] == "Zoë Leaf"
    assert not steeping["locked"] and coffee["locked"]
    assert (coffee["score"], coffee["ups"], coffee["downs"]) == (-3, 2, 5)
    assert coffee["tags"] == ["off-topic"]

    accepted, *others = await comments_of(eve, steeping, sort="best")
    assert steeping["accepted_comment_id"] == accepted["id"]
    assert (accepted["body"], accepted["score"]) == ("Five minutes.", 9)
    assert accepted["created_at"] == "2015-01-03T12:00:00.000Z"
    (below,) = accepted["replies"]["items"]
    assert below["body_html"] == "<p>At <code>80°</code>, <em>not</em> more.</p>\n"
    assert (below["depth"], below["score"]) == (1, 2)
    assert {(each["author"]["display_name"], each["body"]) for each in others} == {
        ("gone user", "An hour."),
        ("茶人", "Which tea?"),
    }


async def test_what_was_html_is_safe_html_again(
    importing: Importing, ada: Person, slug: str, tmp_path: Path
) -> None:
    await importing.stack_exchange(write_dump(tmp_path), slug, owner=ada)
    post, _ = await posts_of(ada, slug)
    html = post["body_html"]
    assert html == render(post["body"]).html
    assert "<strong>first</strong> cup &amp; the <a href=" in html
    assert "<pre><code>steep(5 * 60)\n&lt;stir&gt;\n</code></pre>" in html
    for address in ("tea.example/leaf", "tea.example/questions/2", "tea.example/pot.png"):
        assert f'href="https://{address}"' in html
    assert "<li>one_two</li>\n<li>*three*</li>" in html
    assert "alert" not in html


async def test_the_second_time_nothing_changes(
    importing: Importing, ada: Person, slug: str, tmp_path: Path
) -> None:
    write_dump(tmp_path)
    await importing.stack_exchange(tmp_path, slug, owner=ada)
    before = await everything(importing, slug)
    assert before["forum"] == [(2, 5)]
    assert before["karma"] == [(-3,), (0,), (9,), (14,)]
    assert await importing.stack_exchange(tmp_path, slug, owner=ada) == NOTHING
    assert await everything(importing, slug) == before
    for compared in await importing.check(tmp_path, slug, owner=ada):
        assert compared.is_equal, str(compared)


async def test_killed_midway_it_goes_on(
    importing: Importing,
    ada: Person,
    slug: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_dump(tmp_path)
    with monkeypatch.context() as broken:
        broken.setattr("cgraph_local.imports.staging_table.BATCH_SIZE", 1)
        broken.setattr(loading, "COMMENTS", (*loading.COMMENTS, "SELECT 1 / 0"))
        with pytest.raises(psycopg.errors.DivisionByZero):
            await importing.stack_exchange(tmp_path, slug, owner=ada)
    left = await importing.stack_exchange(tmp_path, slug, owner=ada)
    assert left == loading.ImportCounts(people=0, posts=0, answers=0, comments=2)
    for compared in await importing.check(tmp_path, slug, owner=ada):
        assert compared.is_equal, str(compared)


async def test_a_newer_dump_adds_what_is_new(
    importing: Importing, ada: Person, slug: str, tmp_path: Path
) -> None:
    write_dump(tmp_path)
    write(tmp_path / "Comments.xml", row(COMMENTS[0]))
    write(tmp_path / "Posts.xml", *map(row, POSTS[:3]))
    await importing.stack_exchange(tmp_path, slug, owner=ada)
    write_dump(tmp_path)
    added = await importing.stack_exchange(tmp_path, slug, owner=ada)
    assert added == loading.ImportCounts(people=1, posts=0, answers=1, comments=1)
    for compared in await importing.check(tmp_path, slug, owner=ada):
        assert compared.is_equal, str(compared)


async def test_posts_alone_are_enough(
    importing: Importing, ada: Person, slug: str, tmp_path: Path
) -> None:
    write_dump(tmp_path)
    for name in ("Users", "Comments", "Votes"):
        (tmp_path / f"{name}.xml").unlink()
    done = await importing.stack_exchange(tmp_path, slug, owner=ada)
    assert done == loading.ImportCounts(people=4, posts=2, answers=2, comments=0)
    steeping, coffee = await posts_of(ada, slug)
    assert (coffee["ups"], coffee["downs"]) == (0, 3)
    assert steeping["author"]["username"] == f"user-7-{slug[:10]}-7"
    write(tmp_path / "Users.xml", *map(row, USERS))
    again = await importing.stack_exchange(tmp_path, slug, owner=ada)
    assert again.people == 1, "the others are the same people as before"


async def test_nobody_logs_in_as_one_of_them(
    importing: Importing, ada: Person, slug: str, tmp_path: Path
) -> None:
    await importing.stack_exchange(write_dump(tmp_path), slug, owner=ada)
    username = f"zoe-leaf-{slug[:10]}-7"
    ((email, stored),) = await importing.world.sql(
        "SELECT email, password_hash FROM users WHERE username = %s", username
    )
    assert email.endswith("@imported.invalid")
    for password in ("", "password", stored):
        answer = await importing.world.call(
            "log_in", {"login": username, "password": password or " "}
        )
        assert answer.refusal == (401, "invalid_credentials")


async def test_a_taken_username_gets_another(
    importing: Importing, ada: Person, slug: str, tmp_path: Path
) -> None:
    await importing.world.sql(
        "UPDATE users SET username = %s WHERE id = %s", f"Zoe-Leaf-{slug[:10]}-7", ada.id
    )
    ada.username = f"Zoe-Leaf-{slug[:10]}-7"
    await importing.stack_exchange(write_dump(tmp_path), slug, owner=ada)
    post, _ = await posts_of(ada, slug)
    assert post["author"]["id"] != ada.id
    assert post["author"]["username"].startswith("zoe-leaf-")


async def test_where_it_shall_go_must_be_clear(
    importing: Importing, ada: Person, slug: str, tmp_path: Path
) -> None:
    with pytest.raises(CannotImport, match=r"no Posts\.xml"):
        await importing.stack_exchange(tmp_path, slug, owner=ada)
    write_dump(tmp_path)
    with pytest.raises(CannotImport, match="not a valid slug"):
        await importing.stack_exchange(tmp_path, "No Slug", owner=ada)
    ada.username = "nobody-of-this-name"
    with pytest.raises(CannotImport, match="no user"):
        await importing.stack_exchange(tmp_path, slug, owner=ada)
    with pytest.raises(CannotImport, match="import the dump first"):
        await importing.check(tmp_path, slug, owner=ada)


async def posts_of(reader: Person, slug: str) -> list[Any]:
    """Oldest first, as each is shown."""
    page = await reader.call("list_posts", slug=slug, query="sort=new")
    assert page.status == 200, page
    shown = [await reader.call("show_post", id=post["id"]) for post in page.body["items"]]
    return [answer.body for answer in reversed(shown)]


async def comments_of(reader: Person, post: Any, *, sort: str) -> list[Any]:
    answer = await reader.call("list_comments", id=post["id"], query=f"sort={sort}")
    assert answer.status == 200, answer
    found: list[Any] = answer.body["items"]
    return found


async def everything(importing: Importing, slug: str) -> dict[str, list[tuple[Any, ...]]]:
    """What an import writes, and the version of each row."""
    sql = importing.world.sql
    return {
        "forum": await sql("SELECT post_count, member_count FROM forums WHERE slug = %s", slug),
        "posts": await sql(
            """
            SELECT p.xmin::text, p::text, c.xmin::text, c::text, r.xmin::text, r::text, s.head
            FROM forums f JOIN posts p ON p.forum_id = f.id JOIN post_counts c ON c.post_id = p.id
            JOIN post_ranks r ON r.post_id = p.id JOIN streams s ON s.id = p.id
            WHERE f.slug = %s ORDER BY p.id
            """,
            slug,
        ),
        "comments": await sql(
            """
            SELECT c.xmin::text, c::text, r::text
            FROM forums f JOIN posts p ON p.forum_id = f.id JOIN comments c ON c.post_id = p.id
            JOIN comment_ranks r ON r.comment_id = c.id
            WHERE f.slug = %s ORDER BY c.id
            """,
            slug,
        ),
        "karma": await sql(
            """
            SELECT k.karma FROM forums f JOIN forum_members m ON m.forum_id = f.id
            JOIN user_karma k ON k.user_id = m.user_id WHERE f.slug = %s ORDER BY 1
            """,
            slug,
        ),
    }


async def test_what_was_imported_is_found(
    importing: Importing, ada: Person, eve: Person, slug: str, tmp_path: Path
) -> None:
    await importing.stack_exchange(write_dump(tmp_path), slug, owner=ada)
    await index(ada.world)
    answer = await eve.call("search_documents", query=f"q=steep%20in:{slug}")

    assert answer.status == 200, answer
    assert answer.body["items"][0]["post"]["title"] == "How long should tea steep?"
    answer = await eve.call("search_documents", query=f"in={slug}")
    assert answer.body["total"]["count"] == 2 + 2 + 2 + 1, "posts, answers, comments, the forum"
