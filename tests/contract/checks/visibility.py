"""What reads posts and comments asks the rule of infra/schema/forums/access.sql who sees them."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.contract.checkout import Checkout
from tests.contract.checks.sql import SCHEMA

READS = re.compile(r"\b(?:FROM|JOIN|USING)\s+(?:posts|comments|post_versions)\b")
RULE = re.compile(r"\b(?:may_see|may_see_post|may_see_comment|role_at_post|role_at_comment)\s*\(")
_FUNCTION = re.compile(r"^CREATE OR REPLACE FUNCTION (\w+)", re.MULTILINE)
_COMMENT = re.compile(r"--.*")

ALLOWED: Mapping[str, str] = {
    # Functions in Postgres
    "seen_withheld_replies": "counts the reader's own",
    "forum_json": "counts the reader's own",
    "ranked_posts": "ids for seen_ranked_posts and posts_json, which ask",
    "list_posts": "ids of pinned posts for posts_json, which asks",
    "add_to_lists": "writes; shows nothing",
    "remove_from_lists": "writes; shows nothing",
    "redact_post_events": "writes; shows nothing",
    "delete_post": "writes; shows nothing",
    "write_comment": "writes, after access to the post and the parent",
    "counts_above": "public counts, for events",
    "shown_comment": "after comment_access, which asks",
    "publish_comment": "makes a comment visible to all",
    "show_below": "makes a comment visible to all",
    "prune_comment": "for all readers alike",
    "posts_to_prune": "for a timer",
    "prune_comments": "for all readers alike",
    "return_to_tree": "for all readers alike",
    "vote_counts": "after set_vote, which asks",
    "move_reports": "for moderators",
    "target_json": "for moderators, and for the author who appeals",
    "refresh_post_events": "writes; shows nothing",
    "refresh_comment_events": "writes; shows nothing",
    "redact_comment_events": "writes; shows nothing",
    "texts_with_previews": "for the consumer; a row shows its previews as its text",
    "lock_streams_of": "locks; shows nothing",
    "set_comment_previews": "for an event, which log_comment_change() gives to those who see it",
    "keep_evidence": "for moderators",
    "case_json": "for moderators",
    "count_votes_of": "writes; shows nothing",
    "vote_in_poll": "writes, after access_post",
    "search_documents_of": "for the indexes, with what decides who sees it; search_hits asks",
    "comment_seen_by": "for the indexes: search_hits asks",
    "next_reindexed_documents": "keys for search_documents_of",
    "search_suggestions": "of readable_posts, which asks",
    "post_candidates": "whom it concerns; verdict_on asks for each",
    "comment_candidates": "whom it concerns; verdict_on asks for each",
    "follow_by_writing": "writes; shows nothing",
    "delete_follow": "the reader's own",
    "fan_out_posts": "keys for fan_out_candidates",
    "fan_out_comments": "keys for fan_out_candidates",
    "fan_out_candidates": "verdict_on asks for each",
    "is_undone": "whether an answer is still accepted; shows nothing",
    "notification_excerpt": "after may_see_source, which asks",
    # Queries in Python
    "notifications.sources_for_here": "keys of sources, for fan_out_candidates",
    "moderation.removals.comment_payload": "for an event of a comment that all readers see",
    "moderation.warnings.warning_candidate": "for moderators",
    "moderation.cases.case_row": "for moderators",
    "moderation.texts.texts_to_remove": "for moderators",
    "moderation.texts.texts_to_restore": "for moderators",
    "forums.posts.versions.list_versions": "after access_post",
    "forums.posts.management.count_pinned_posts": "for moderators",
    "forums.comments.comment_json": "after access_comment",
    "forums.comments.comment_view": "of comment_access, which asks; who sees it sees what is above",
    "forums.votes.current_scores": "of what set_vote lets subscribers see",
    "forums.votes.stream_readers": "asks forum_role; hidden things have no scores to push",
}


def what_reads_posts_asks_who_sees_them(checkout: Checkout) -> Iterator[str]:
    found = set()
    for where, name, text in (*_schema_functions(checkout), *_queries(checkout)):
        if not READS.search(text) or RULE.search(text):
            continue
        found.add(name)
        if name not in ALLOWED:
            yield (
                f"{where}: {name} reads posts or comments and asks neither may_see() nor "
                "role_at_post() nor role_at_comment(): let it, or list it with its reason"
            )
    for name in sorted(ALLOWED.keys() - found):
        yield f"tests/contract/checks/visibility.py allows {name}, which needs no permission"


def _schema_functions(checkout: Checkout) -> Iterator[tuple[Path, str, str]]:
    for path in sorted((checkout.root / SCHEMA).rglob("*.sql")):
        text = _COMMENT.sub("", path.read_text())
        starts = [*_FUNCTION.finditer(text)]
        ends = [match.start() for match in starts[1:]] + [len(text)] * bool(starts)
        for match, end in zip(starts, ends, strict=True):
            yield path.relative_to(checkout.root), match[1], text[match.start() : end]


def _queries(checkout: Checkout) -> Iterator[tuple[Path, str, str]]:
    for source in checkout.layers:
        if source.path.name != "queries.py":
            continue
        package = ".".join(source.path.parent.parts[3:])
        for node in ast.walk(source.tree):
            if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef):
                yield source.path, f"{package}.{node.name}", _strings(node)


def _strings(function: ast.AST) -> str:
    return "\n".join(
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
