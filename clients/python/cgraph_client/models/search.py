"""What a search finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cgraph_client.models.forums import Forum
from cgraph_client.models.json_model import JsonModel
from cgraph_client.models.messages import Message
from cgraph_client.models.posts import Comment, Post
from cgraph_client.models.users import User

Ranges = tuple[tuple[int, int], ...]
"""Of code points: the first one, and the one after the last."""


@dataclass(frozen=True, slots=True)
class SearchHit(JsonModel):
    """`type` names the field that has what was found. `highlights`: where it matches, by the name
    of a field of that."""

    type: str
    id: str
    highlights: Mapping[str, Ranges] = field(default_factory=dict)
    message: Message | None = None
    post: Post | None = None
    comment: Comment | None = None
    forum: Forum | None = None
    user: User | None = None


@dataclass(frozen=True, slots=True)
class SearchTotal(JsonModel):
    """`at_least`: there may be more than `count`."""

    count: int
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class FacetValue(JsonModel):
    value: str
    count: int


Facet = tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class SearchPage(JsonModel):
    """`corrected`: the words that were searched instead of misspelt ones. `degraded`: the search
    engine was away, and the database has answered. `relaxed`: few had all words, so these have some
    of them."""

    items: tuple[SearchHit, ...]
    total: SearchTotal
    next: str | None = None
    facets: Mapping[str, Facet] = field(default_factory=dict)
    corrected: tuple[str, ...] = ()
    relaxed: bool = False
    degraded: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion(JsonModel):
    """`type` is `forum`, `user` or `post`. `name`: slug of the forum, or username."""

    type: str
    id: str
    title: str
    name: str
    highlights: Mapping[str, Ranges] = field(default_factory=dict)
