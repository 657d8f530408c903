"""Who finds what: each kind of viewer with each state of a document, and the rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from cgraph.core.ids import uuid7
from cgraph.search.engine import NO_AUTHOR, Document, Viewer
from tests.feature.search.engine_target import make_document, make_viewer

HISTORY_AFTER = 5
"""Of the member who joined late."""


@dataclass
class PermissionScene:
    """One conversation, three forums, and their people. Each text has `word`, and a word of its own
    that is in no other document.
    """

    word: str
    conversation: UUID = field(default_factory=uuid7)
    public: UUID = field(default_factory=uuid7)
    private: UUID = field(default_factory=uuid7)
    author: UUID = field(default_factory=uuid7)
    other_author: UUID = field(default_factory=uuid7)

    def viewers(self) -> dict[str, Viewer]:
        return {
            "a stranger": make_viewer(),
            "a member of the conversation": make_viewer(conversations={self.conversation: 0}),
            "who joined late": make_viewer(conversations={self.conversation: HISTORY_AFTER}),
            "a member of another conversation": make_viewer(conversations={uuid7(): 0}),
            "a member of the private forum": make_viewer(private_forums={self.private}),
            "a moderator of the private forum": make_viewer(
                private_forums={self.private}, moderated_forums={self.private}
            ),
            "a moderator of the public forum": make_viewer(moderated_forums={self.public}),
            "a user banned from the public forum": make_viewer(banned_from={self.public}),
            "a user banned from the private forum": make_viewer(
                private_forums={self.private}, banned_from={self.private}
            ),
            "the author, in all places": make_viewer(
                id=self.author,
                conversations={self.conversation: 0},
                private_forums={self.private},
            ),
            "the author, in no place": make_viewer(id=self.author),
            "the author, banned": make_viewer(id=self.author, banned_from={self.public}),
            "who blocks the author": make_viewer(
                conversations={self.conversation: 0},
                private_forums={self.private},
                hidden_authors={self.author},
            ),
            "a moderator who blocks the author": make_viewer(
                moderated_forums={self.public, self.private}, hidden_authors={self.author}
            ),
            "a member of everything": make_viewer(
                conversations={self.conversation: 0, uuid7(): 3},
                private_forums={self.private, uuid7()},
                moderated_forums={uuid7()},
                banned_from={uuid7()},
                hidden_authors={uuid7()},
            ),
        }

    def documents(self) -> dict[str, Document]:
        bare = {**dict(self._messages()), **dict(self._forum_documents())}
        bare["a user"] = make_document("user", place_id=None, is_public=True)
        return {name: self._with_text(document) for name, document in bare.items()}

    def _messages(self) -> Iterator[tuple[str, Document]]:
        for author in (self.author, self.other_author):
            for seq in (1, HISTORY_AFTER, HISTORY_AFTER + 1):
                yield (
                    f"message {seq} of {author}",
                    make_document(
                        "message",
                        place_id=self.conversation,
                        is_public=False,
                        author_id=author,
                        seq=seq,
                    ),
                )

    def _forum_documents(self) -> Iterator[tuple[str, Document]]:
        for place, is_public in ((self.public, True), (self.private, False)):
            where = {"place_id": place, "is_public": is_public}
            yield f"forum, public: {is_public}", make_document("forum", author_id=None, **where)
            for author in (self.author, self.other_author):
                for seen_by in (None, author, NO_AUTHOR):
                    state = f"of {author} seen by {seen_by}, public: {is_public}"
                    changes = {"author_id": author, "seen_by": seen_by, **where}
                    yield f"post {state}", make_document("post", **changes)
                    yield f"comment {state}", make_document("comment", post_id=uuid7(), **changes)

    def _with_text(self, document: Document) -> Document:
        titled = document.key.type in ("post", "forum", "user")
        texts = {"title" if titled else "body": f"{self.word} {unique_word(document)}"}
        return make_document(
            document.key.type,
            **{name: getattr(document, name) for name in document.__slots__ if name not in texts},
            **texts,
        )


def unique_word(document: Document) -> str:
    """Eighteen letters that no other document has."""
    number, letters = document.key.id.int & (1 << 74) - 1, ""
    for _ in range(18):
        number, letter = divmod(number, 19)
        letters += "bcdfghjklmnpqrtvwxz"[letter]
    return letters


def is_visible(document: Document, viewer: Viewer) -> bool:
    """As docs and `Viewer` say it: written anew here, and not as the engines do."""
    place = document.place_id
    if document.author_id in viewer.hidden_authors:
        return False
    if document.key.type == "user":
        return True
    assert place is not None
    if document.key.type == "message":
        return place in viewer.conversations and document.seq > viewer.conversations[place]
    if place in viewer.banned_from:
        return False
    moderates = place in viewer.moderated_forums
    if not (document.is_public or moderates or place in viewer.private_forums):
        return False
    return moderates or document.seen_by in (None, viewer.id)
