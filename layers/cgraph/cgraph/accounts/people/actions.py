"""Users and their profiles."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.accounts.errors import TooManyUsernames, UsernameTaken, UserNotFound
from cgraph.accounts.people import queries
from cgraph.accounts.people.models import Me, ProfileChange, UpdatedProfileRow, User
from cgraph.accounts.people.rules import require_free_username
from cgraph.core import clock
from cgraph.core.database import AlreadyExists, Transaction
from cgraph.core.errors import InvalidToken
from cgraph.core.ids import UserId
from cgraph.events.models import Event
from cgraph.events.streams import Stream, StreamKind
from cgraph.media.public_urls import fill_public
from cgraph.media.uses.rules import REFUSALS
from cgraph.realtime.announcements import announce

PROFILE_REFUSALS = {**REFUSALS, "too_many_usernames": TooManyUsernames}


async def show_me(tx: Transaction, *, id: UserId) -> str:
    """Returns a Me as JSON. Raises InvalidToken if the user no longer exists."""
    profile = await queries.profile_of(tx, id=id)
    if profile is None:
        raise InvalidToken
    return fill_public(profile.json)


async def show_user(tx: Transaction, *, username: str) -> User:
    """Raises UserNotFound."""
    user = await queries.user_by_username(tx, username=username)
    if user is None:
        raise UserNotFound
    return user.with_urls()


async def show_user_by_id(tx: Transaction, *, id: UUID) -> User:
    """Raises UserNotFound."""
    user = await queries.user_by_id(tx, id=id)
    if user is None:
        raise UserNotFound
    return user.with_urls()


async def change_me(tx: Transaction, *, id: UserId, change: ProfileChange) -> Me:
    """Raises InvalidToken if the user no longer exists, UsernameReserved, UsernameTaken,
    TooManyUsernames, UploadNotFound, UploadNotReady.
    """
    if change.username is not None:
        require_free_username(change.username)
    now = clock.now()
    try:
        row = await queries.change_profile(tx, id=id, change=change, now=now)
    except AlreadyExists:
        raise UsernameTaken from None
    if row.refusal is not None:
        raise PROFILE_REFUSALS[row.refusal]
    if row.profile is None:
        raise InvalidToken
    return announce_profile_update(tx, profile=row.profile, now=now)


def announce_profile_update(tx: Transaction, *, profile: Mapping[str, Any], now: datetime) -> Me:
    """Announces `user.updated` to the user's own devices, and returns the new profile.

    `profile`: an UpdatedProfileRow.
    """
    changed = UpdatedProfileRow.model_validate(profile)
    me = Me.model_validate(changed.model_dump(exclude={"seq"}))
    event = Event(
        stream=Stream(StreamKind.USER, UserId(me.id)),
        seq=changed.seq,
        type="user.updated",
        data={"user": me.model_dump(mode="json")},
        created_at=now,
    )
    announce(tx, event, audience=[me.id])
    return me.with_urls()


async def forget_usernames(tx: Transaction) -> None:
    """Deletes former usernames 90 days after they were changed."""
    await queries.forget_usernames(tx, now=clock.now())
