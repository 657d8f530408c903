"""The reference client of CGraph: the HTTP API as methods, the realtime protocol as an iterator.

Layers, from top to bottom; a module imports only from lower ones, and those in one line do not
import each other:

    terminal                    `cgraph chat`
    client | outbox | activity  the user's client, reliable writes, typing and read markers
    realtime | state            sockets and complete streams; what their changes add up to
    api                         the HTTP API
    models                      what the server sends, as types
    core                        errors, parsing, back-off, addresses
"""

from cgraph_client.activity import ActivityReporter
from cgraph_client.api.session_store import FileSessionStore, SessionStore
from cgraph_client.client import Client
from cgraph_client.core.backoff import Backoff
from cgraph_client.core.errors import (
    ApiError,
    CGraphError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    ProtocolError,
    RateLimited,
    ServerError,
    StorageError,
    Unauthenticated,
    Unreachable,
    UploadRefused,
)
from cgraph_client.core.filenames import safe_filename
from cgraph_client.models.changes import (
    Change,
    Event,
    PresenceSnapshot,
    Snapshot,
    StreamAdded,
    StreamRemoved,
)
from cgraph_client.models.conversations import Conversation, Member, ReadMarker
from cgraph_client.models.credentials import (
    ActiveSession,
    ApiToken,
    Passkey,
    SavedLogin,
    SecondFactor,
    Session,
)
from cgraph_client.models.forums import (
    AuditEntry,
    Emoji,
    EntityRef,
    Forum,
    ForumFilters,
    ForumMember,
    ForumRef,
    MembershipRequest,
)
from cgraph_client.models.limits import (
    Limits,
    RateLimit,
)
from cgraph_client.models.messages import (
    Message,
    MessageVersion,
    Quote,
    Reaction,
    Reactions,
)
from cgraph_client.models.moderation import (
    Appeal,
    Ban,
    ForumWarning,
    Removal,
    Report,
    ReportCase,
    ReportedContent,
    ReportedVersion,
    TextsRemoved,
    TextsRestored,
)
from cgraph_client.models.notifications import (
    Badge,
    Follow,
    Notification,
    NotificationPreferences,
)
from cgraph_client.models.page import Page
from cgraph_client.models.posts import (
    Comment,
    CommentLevel,
    NewAccountVotes,
    Poll,
    PollOption,
    Post,
    PostPage,
    PostVersion,
    VoteTotals,
)
from cgraph_client.models.search import (
    FacetValue,
    SearchHit,
    SearchPage,
    SearchTotal,
    Suggestion,
)
from cgraph_client.models.uploads import (
    Attachment,
    NewUpload,
    Picture,
    Preview,
    Thumbnail,
    Upload,
    UploadParts,
)
from cgraph_client.models.users import User
from cgraph_client.outbox import Outbox, PendingMessage
from cgraph_client.realtime.connection import RealtimeConnection
from cgraph_client.realtime.connection_manager import ConnectionState
from cgraph_client.state.local_state import LocalState
from cgraph_client.state.presence import Presence
from cgraph_client.state.timeline import Timeline

__all__ = [
    "ActiveSession",
    "ActivityReporter",
    "ApiError",
    "ApiToken",
    "Appeal",
    "Attachment",
    "AuditEntry",
    "Backoff",
    "Badge",
    "Ban",
    "CGraphError",
    "Change",
    "Client",
    "Comment",
    "CommentLevel",
    "Conflict",
    "ConnectionState",
    "Conversation",
    "Emoji",
    "EntityRef",
    "Event",
    "FacetValue",
    "FileSessionStore",
    "Follow",
    "Forbidden",
    "Forum",
    "ForumFilters",
    "ForumMember",
    "ForumRef",
    "ForumWarning",
    "Invalid",
    "Limits",
    "LocalState",
    "Member",
    "MembershipRequest",
    "Message",
    "MessageVersion",
    "NewAccountVotes",
    "NewUpload",
    "NotFound",
    "Notification",
    "NotificationPreferences",
    "Outbox",
    "Page",
    "Passkey",
    "PendingMessage",
    "Picture",
    "Poll",
    "PollOption",
    "Post",
    "PostPage",
    "PostVersion",
    "Presence",
    "PresenceSnapshot",
    "Preview",
    "ProtocolError",
    "Quote",
    "RateLimit",
    "RateLimited",
    "Reaction",
    "Reactions",
    "ReadMarker",
    "RealtimeConnection",
    "Removal",
    "Report",
    "ReportCase",
    "ReportedContent",
    "ReportedVersion",
    "SavedLogin",
    "SearchHit",
    "SearchPage",
    "SearchTotal",
    "SecondFactor",
    "ServerError",
    "Session",
    "SessionStore",
    "Snapshot",
    "StorageError",
    "StreamAdded",
    "StreamRemoved",
    "Suggestion",
    "TextsRemoved",
    "TextsRestored",
    "Thumbnail",
    "Timeline",
    "Unauthenticated",
    "Unreachable",
    "Upload",
    "UploadParts",
    "UploadRefused",
    "User",
    "VoteTotals",
    "safe_filename",
]
