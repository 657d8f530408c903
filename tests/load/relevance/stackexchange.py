"""The judged collection of a Stack Exchange dump.

The titles of its questions are the queries. Relevant to one are the answers to the question, and
the questions that are linked to it, or duplicates of it, with their answers: as PostLinks.xml says
where the dump has it, and as the links in the texts say. The ids are those of an import.
"""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from cgraph_local.core.progress import Progress
from cgraph_local.imports.errors import InvalidItem
from cgraph_local.imports.html_to_markdown import HtmlConverter
from cgraph_local.imports.progress_meter import ProgressMeter
from cgraph_local.imports.report import Report
from cgraph_local.imports.stackexchange.parsing import QUESTION, PostRow, Site
from cgraph_local.imports.stackexchange.xml_rows import Row, read_rows
from tests.load.relevance.collection import JudgedCollection, JudgedQuery, Text

_ADDRESS = re.compile(r"https?://[^\s<>()\[\]\"']+")
_POST_PATH = re.compile(r"/(?:questions|q|a)/(\d+)(?:/|$)")


def read_collection(folder: Path) -> JudgedCollection:
    """`folder`: of the dump, with the name of the site. Raises UnsafeDoctype."""
    host = host_of(folder.name)
    site = Site(folder.name, HtmlConverter(f"https://{host}"))
    posts = {post.key: post for post in _posts(folder, site)}
    return JudgedCollection(
        folder.name,
        [_text(post, posts) for post in posts.values()],
        list(_queries(posts, links={*_linked_rows(folder), *text_links(posts.values(), host)})),
    ).without_judgments_of_missing_texts()


def host_of(folder: str) -> str:
    return folder if folder.endswith((".com", ".net")) else f"{folder}.com"


def text_links(posts: Iterable[PostRow], host: str) -> Iterator[tuple[int, int]]:
    """The keys of posts, and of the posts of the same site that their texts link to."""
    for post in posts:
        for address in _ADDRESS.findall(post.body):
            parts = urlsplit(address)
            if parts.hostname == host and (found := _POST_PATH.match(parts.path)):
                yield post.key, int(found[1])


def _posts(folder: Path, site: Site) -> Iterator[PostRow]:
    for row in _rows(folder / "Posts.xml"):
        try:
            yield site.post(row)
        except InvalidItem:  # tag wikis, and what an import reports
            continue


def _linked_rows(folder: Path) -> Iterator[tuple[int, int]]:
    """Duplicates are links too."""
    for row in _rows(folder / "PostLinks.xml"):
        yield row.number("PostId"), row.number("RelatedPostId")


def _rows(path: Path) -> Iterator[Row]:
    if path.is_file():
        report = Report(path, io.StringIO())
        meter = ProgressMeter(Progress(stream=None), path.name, path.stat().st_size)
        yield from read_rows(path, report=report, meter=meter)


def _text(post: PostRow, posts: Mapping[int, PostRow]) -> Text:
    question = posts.get(post.parent_key) if post.parent_key is not None else None
    return Text(
        id=post.id,
        post_id=question.id if question else None,
        title=post.title or "",
        body=post.body,
        tags=post.tags,
        score=post.score,
        is_accepted=question is not None and question.accepted_key == post.key,
        created_at=post.created_at,
    )


def _queries(
    posts: Mapping[int, PostRow], *, links: Iterable[tuple[int, int]]
) -> Iterator[JudgedQuery]:
    threads = _threads(posts)
    linked = _linked_questions(posts, links)
    for post in posts.values():
        if post.kind == QUESTION and post.title:
            keys = [post.key, *linked[post.key]]
            relevant = {one.id for key in keys for one in threads[key]} - {post.id}
            yield JudgedQuery(post.title, dict.fromkeys(relevant, 1.0), excluded=post.id)


def _threads(posts: Mapping[int, PostRow]) -> Mapping[int, Sequence[PostRow]]:
    """The questions with their answers, by the key of the question."""
    threads: defaultdict[int, list[PostRow]] = defaultdict(list)
    for post in posts.values():
        threads[_question(post)].append(post)
    return threads


def _linked_questions(
    posts: Mapping[int, PostRow], links: Iterable[tuple[int, int]]
) -> Mapping[int, set[int]]:
    """By the key of a question, in both directions. A link from or to an answer links its
    question.
    """
    linked: defaultdict[int, set[int]] = defaultdict(set)
    for source, target in links:
        if source in posts and target in posts:
            one, other = _question(posts[source]), _question(posts[target])
            if one != other:
                linked[one].add(other)
                linked[other].add(one)
    return linked


def _question(post: PostRow) -> int:
    return post.key if post.parent_key is None else post.parent_key
