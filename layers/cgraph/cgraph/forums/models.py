from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Description, DisplayName, Model, Nonce, Rules, Slug, Tag
from cgraph.core.text import comparison_key
from cgraph.forums.policies import ForumRole
from cgraph.media.pictures.models import Picture

MAX_FORUM_TAGS = 50
MAX_SLOW_MODE_SECONDS = 86_400
MAX_NAME_CURSOR_LENGTH = 3600
"""Characters: a cursor of a list by name holds the name, of up to 640 code points, in JSON and
Base64.
"""

WRITERS = (
    "Who may post, comment and vote. `everyone` is allowed only in public forums. Left out, it is "
    "`everyone` in a public forum and `members` in others."
)
SLOW_MODE = "Seconds that a user must wait between two posts or comments; 0: slow mode is off."
TAGS = "Tags that posts may have; with an empty list they may have any tag."
MARKDOWN = (
    "Markdown. `@username` mentions somebody who may read the forum; the first 50 names count. "
    "`@everyone` and `@here` of the owner and moderators mention all."
)
MENTIONS = (
    "Ids of the users that `@username` in the text mentions: they may read the forum, and have not "
    "blocked the author."
)
BROADCAST = (
    "Whether `@everyone` or `@here` (those who are online) in the text mentions all. Null if not, "
    "and if the author is neither owner nor moderator of the forum."
)
TAG_REQUIRED = "Whether each post must have a tag."
JOIN_REQUESTS = (
    "Whether users may ask the moderators to become members, in a restricted or private forum. A "
    "private forum that allows it lets everybody who asks learn that it exists."
)
LINK_PREVIEWS = "Whether links in new posts and comments get previews."


class Posting(StrEnum):
    """Who may post, comment and vote in a forum."""

    EVERYONE = "everyone"
    MEMBERS = "members"
    MODERATORS = "moderators"


class Visibility(StrEnum):
    """`public`: everyone reads it and may join. `restricted`: everyone reads it, moderators add the
    members. `private`: only members read it and know that it exists; moderators add the members.
    With `join_requests`, users may ask to be added.
    """

    PUBLIC = "public"
    RESTRICTED = "restricted"
    PRIVATE = "private"

    @property
    def default_posting(self) -> Posting:
        return Posting.EVERYONE if self is Visibility.PUBLIC else Posting.MEMBERS

    def allows(self, posting: Posting) -> bool:
        return posting is not Posting.EVERYONE or self is Visibility.PUBLIC


class ForumSort(StrEnum):
    """`activity`: the most recently active first. `name`: in the order of the names."""

    ACTIVITY = "activity"
    NAME = "name"


def require_distinct(tags: list[str]) -> list[str]:
    """Ignores case and what is invisible. Raises ValueError."""
    if len({comparison_key(tag) for tag in tags}) < len(tags):
        raise ValueError("must not contain a tag twice")
    return tags


ForumTags = Annotated[list[Tag], Field(max_length=MAX_FORUM_TAGS), AfterValidator(require_distinct)]
SlowModeSeconds = Annotated[int, Field(ge=0, le=MAX_SLOW_MODE_SECONDS)]


class ForumDraft(Body):
    """A forum to be created."""

    slug: Slug = Field(description="Unique name in addresses. It cannot be changed later.")
    name: DisplayName
    description: Description = ""
    rules: Rules = Field(default="", description="Rules of the forum, in Markdown.")
    visibility: Visibility = Visibility.PUBLIC
    posting: Posting | None = Field(default=None, description=WRITERS)
    slow_mode_seconds: SlowModeSeconds = Field(default=0, description=SLOW_MODE)
    tags: ForumTags = Field(default_factory=list, description=TAGS)
    tag_required: bool = Field(default=False, description=TAG_REQUIRED)
    join_requests: bool = Field(default=False, description=JOIN_REQUESTS)
    link_previews: bool = Field(default=True, description=LINK_PREVIEWS)
    nonce: Nonce | None = Field(
        default=None,
        description="The client's own name for this request: sent again with the same body, it "
        "has one effect.",
    )

    @model_validator(mode="after")
    def _require_allowed_posting(self) -> Self:
        self.posting = self.posting or self.visibility.default_posting
        if not self.visibility.allows(self.posting):
            raise ValueError("everyone may post in public forums only")
        return self


NEW_ACCOUNT_VOTES = (
    "Of `ups` and `downs`, those by new accounts. Shown to moderators of the forum only, and left "
    "out in events."
)


class NewAccountVotes(Model):
    """Those of the votes that were cast by accounts which were younger than three days then."""

    ups: int = Field(description="Up votes.")
    downs: int = Field(description="Down votes.")


class ForumRef(Model):
    """The forum that something belongs to."""

    id: UUID
    slug: str


class ForumSettings(Model):
    """The settings that the owner of a forum may change."""

    name: str
    description: str
    rules: str = Field(description="Rules of the forum, in Markdown.")
    visibility: Visibility
    posting: Posting = Field(description="Who may post, comment and vote.")
    slow_mode_seconds: int = Field(description=SLOW_MODE)
    tags: list[str] = Field(description=TAGS)
    tag_required: bool = Field(description=TAG_REQUIRED)
    join_requests: bool = Field(description=JOIN_REQUESTS)
    link_previews: bool = Field(description=LINK_PREVIEWS)
    icon: Picture | None = Field(default=None, description="Null until there is one.")
    banner: Picture | None = Field(default=None, description="Null until there is one.")


class Forum(ForumSettings, ForumRef):
    """A forum, the same for every reader: the payload of `forum.updated`."""

    created_by: UUID = Field(description="Id of the user who created the forum.")
    created_at: Timestamp
    active_at: Timestamp = Field(
        description="Time of the last post, exact to a minute; at first, of the creation."
    )
    member_count: int
    post_count: int = Field(description="Posts that are neither deleted nor removed.")


class ForumView(Forum):
    """A forum, and what the caller is in it."""

    head: int = Field(description="Number of the last event of the stream `forum:<id>`.")
    role: ForumRole | None = Field(description="The caller's role; null if they are no member.")
    banned: bool = Field(description="Whether the caller is banned from the forum.")
    banned_until: Timestamp | None = Field(
        description="End of the caller's ban; null without a ban, and if the ban has no end."
    )


@dataclass(frozen=True, slots=True)
class ForumRow:
    """`json`: a ForumView. The others are the forum's position in a list."""

    id: UUID
    active_at: datetime
    name: str
    json: str


@dataclass(frozen=True, slots=True)
class ForumJSONRow:
    """`json`: a ForumView. `role`: the reader's, `visitor` if they are no member."""

    role: str
    json: str


class Withheld(StrEnum):
    """Why only the author and the moderators see a post or comment: it was written under a shadow
    ban, or waits for a moderator's approval.
    """

    SHADOW_BAN = "shadow_ban"
    APPROVAL = "approval"


@dataclass(frozen=True, slots=True)
class WriteResult:
    """`json`: what was written, as it is now. `replayed`: an earlier request had written it."""

    json: str
    replayed: bool


class ForumAccess(Model):
    """A user's role in a forum, and the settings that decide what they may do there.

    `shadowed`: the user is shadow-banned: only they and the moderators see what they write.
    `reads`: False for an author who may not read the forum, and still reaches what they wrote.
    `filter_…`: the filters that apply to the user, where they were asked for. `etag`: see
    infra/schema/forums/decisions.sql.
    """

    id: UUID
    slug: str
    role: ForumRole
    visibility: Visibility
    posting: Posting
    slow_mode_seconds: int
    tags: list[str]
    tag_required: bool
    shadowed: bool
    reads: bool = True
    filter_words: list[str] | None = None
    filter_domains: list[str] | None = None
    filter_action: str | None = None
    etag: str = ""

    @property
    def ref(self) -> ForumRef:
        return ForumRef(id=self.id, slug=self.slug)

    @property
    def withheld(self) -> Withheld | None:
        """What the user writes now is withheld from others for this reason."""
        return Withheld.SHADOW_BAN if self.shadowed else None

    @property
    def moderates(self) -> bool:
        return self.role in (ForumRole.OWNER, ForumRole.MODERATOR)


@dataclass(frozen=True, slots=True)
class MemberIdRow:
    user_id: UUID


@dataclass(frozen=True, slots=True)
class WrittenRow:
    """What a function of infra/schema/forums/writing.sql returns. `result_json`: what was written,
    for its writer; None where nothing was, because what it was decided on has changed since.
    `logged`: events to announce, `audience`: to whom, see announce_logged().
    """

    result_json: str | None
    logged: list[dict[str, Any]] | None
    audience: list[UUID] | None


@dataclass(frozen=True, slots=True)
class CreatedRow(WrittenRow):
    """`refusal`: why nothing was created. `last_write_at`: of the user, in slow mode."""

    refusal: Literal["changed", "slow_mode", "upload_not_found", "upload_not_ready"] | None
    last_write_at: datetime | None
