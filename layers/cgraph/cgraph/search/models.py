"""What a search takes and answers."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from cgraph.accounts.people.models import User
from cgraph.chat.messages.models import Message
from cgraph.core.fields import (
    Model,
    OneLine,
    PostTitle,
    QueryParameters,
    TimestampInput,
    Token,
    is_none,
)
from cgraph.core.pagination import Page
from cgraph.forums.comments.models import Comment
from cgraph.forums.models import ForumView
from cgraph.forums.posts.models import ListedPost, Post
from cgraph.search.engine import DocumentType, Facet, Feature, Sort

QUERY_AT_MOST = 500
BEGINNING_AT_MOST = 100
CURSOR_AT_MOST = 4000
PLACES_AT_MOST = 20

SearchText = Annotated[str, OneLine(QUERY_AT_MOST)]
SearchCursor = Annotated[str, Field(max_length=CURSOR_AT_MOST), Token("cursor")]
PlaceName = Annotated[str, Field(min_length=1, max_length=36), Token("slug")]
AuthorName = Annotated[str, Field(min_length=1, max_length=64), Token("username")]


class SearchParameters(QueryParameters):
    """What is searched. A parameter and the same filter in `q` must both match."""

    q: SearchText | None = Field(
        default=None,
        description='Words, of which each must occur in any inflection; `"a phrase"`; `-word` for '
        "what must not occur. The last word may be the beginning of one. Filters: `from:ada` or "
        "`from:me`, `in:slug-or-conversation-id`, `has:link`, `type:post`, `tag:tea`, "
        "`before:2026-01-31`, `after:2026-01-31`, `is:answered`, `is:unanswered`. Several filters "
        "of one name are alternatives. At most 40 words, phrases and filters. May be left out "
        "with another filter: then the newest come first.",
    )
    type: list[DocumentType] = Field(
        default=[], max_length=5, description="Kinds of results; left out, all."
    )
    place: PlaceName | None = Field(
        default=None,
        alias="in",
        description="Slug or id of a forum, or id of a conversation. Of one that the caller may "
        "not read there are no results, as of one that does not exist.",
    )
    author: AuthorName | None = Field(
        default=None, alias="from", description="Username of the author, or `me`."
    )
    has: list[Feature] = Field(
        default=[], max_length=6, description="What the text must contain one of."
    )
    before: TimestampInput | None = Field(
        default=None, description="Only what was written before this time."
    )
    after: TimestampInput | None = Field(
        default=None, description="Only what was written at this time or later."
    )
    tag: Annotated[str, OneLine(30)] | None = Field(
        default=None, description="Only posts with this tag."
    )
    answered: bool | None = Field(
        default=None, description="Only posts that have an accepted comment, or that have none."
    )
    sort: Sort | None = Field(
        default=None,
        description="`relevance`: by text, age, score and acceptance; the default with words. "
        "`newest`: the default without.",
    )
    facets: list[Facet] = Field(
        default=[], max_length=4, description="Of what to count the commonest values."
    )
    limit: Annotated[int, Field(ge=1, le=50, description="Results in a page.")] = 20
    cursor: SearchCursor | None = Field(
        default=None, description="`next` of the page before; left out, the first page."
    )


Range = Annotated[list[int], Field(min_length=2, max_length=2)]
Highlights = dict[str, list[Range]]

HIGHLIGHTS = (
    "What matches, by the name of a field of the result: ranges of code points, the first one and "
    "the one after the last. Clients mark the text themselves: nothing is escaped or added. At "
    "most 100 ranges a field."
)


class SearchHit(Model):
    """A result, with what was found in the field that has the name of its type."""

    type: DocumentType = Field(description="Which of the fields below there is.")
    id: UUID
    highlights: Highlights = Field(description=HIGHLIGHTS)
    message: Message | None = Field(default=None, exclude_if=is_none)
    post: Post | None = Field(default=None, exclude_if=is_none)
    comment: Comment | None = Field(default=None, exclude_if=is_none)
    forum: ForumView | None = Field(default=None, exclude_if=is_none)
    user: User | None = Field(default=None, exclude_if=is_none)


class SearchTotal(Model):
    """How many results there are."""

    count: int = Field(description="At most 1000.")
    at_least: bool = Field(description="Whether there may be more than `count`.")


class FacetValue(Model):
    value: str = Field(
        description="A type, a tag, the id of a conversation or forum, or that of an author."
    )
    count: int = Field(description="Matches with this value.")


class SearchPage(Page[SearchHit]):
    """A page of results. It may have fewer than `limit` where something was removed just now."""

    total: SearchTotal
    facets: dict[Facet, list[FacetValue]] = Field(
        description="The commonest values of the facets that were asked for, on the first page."
    )
    corrected: list[str] = Field(
        description="The words that were searched instead, since those of `q` occur nowhere that "
        "the caller may read; empty where nothing was corrected."
    )
    relaxed: bool = Field(
        description="Whether too few texts have all the words of a long `q`, so that texts with "
        "some of them were searched too."
    )
    degraded: bool = Field(
        description="Whether the search engine was away and the database has answered."
    )


class Suggestion(Model):
    """A forum, a user or a post whose title has words that begin as the text does."""

    type: Literal["forum", "user", "post"] = Field(description="What has the title.")
    id: UUID
    title: str = Field(description="Name of the forum, display name, or title of the post.")
    name: str = Field(description="Slug of the forum or of the post's forum, or the username.")
    highlights: Highlights = Field(description=HIGHLIGHTS)


class Suggestions(Model):
    """What somebody who writes this may look for, the best first."""

    items: list[Suggestion] = Field(description="At most `limit`, the best first.")
    degraded: bool = Field(description="As in a search.")


class SuggestionParameters(QueryParameters):
    q: Annotated[str, OneLine(BEGINNING_AT_MOST)] = Field(
        description="What was typed so far: words, and the beginning of one."
    )
    limit: Annotated[int, Field(ge=1, le=20, description="Suggestions at most.")] = 8


class SimilarPostsParameters(QueryParameters):
    title: PostTitle = Field(description="The title of a post that is being written.")
    limit: Annotated[int, Field(ge=1, le=20, description="Posts at most.")] = 5


class SimilarPosts(Model):
    """Posts that may say the same already, the most similar one first."""

    items: list[ListedPost] = Field(description="At most `limit`, the most similar one first.")
    degraded: bool = Field(description="As in a search.")
