"""Notifications, what the user follows, and how they want to be notified."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from cgraph_client.api.resource import Resource, without_none
from cgraph_client.core.parsing import parse
from cgraph_client.models.notifications import (
    Badge,
    Device,
    Follow,
    Notification,
    NotificationPreferences,
    PushKey,
)
from cgraph_client.models.page import Page


class Notifications(Resource):
    async def list(
        self,
        *,
        unread: bool = False,
        mentions: bool = False,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[Notification]:
        """Lists the caller's notifications, newest first. `mentions`: only what names the caller.
        A cursor belongs to the filters of its page."""
        filters = {"unread": "true" if unread else None, "mentions": "true" if mentions else None}
        return await self._client.get_page(
            Notification.from_json, "/notifications", limit=limit, cursor=cursor, **filters
        )

    async def badge(self) -> Badge:
        return await self._client.get(Badge.from_json, "/notifications/badge")

    async def mark_read(
        self, *, ids: Sequence[str] = (), about: str | None = None, up_to: str | None = None
    ) -> Badge:
        """Marks some as read by their ids, those `about` a conversation, forum, post, comment or
        message, or one and all below it in the list. Returns the badge."""
        body = without_none(ids=list(ids) or None, about=about, up_to=up_to)
        while True:
            answer = await self._client.request("PUT", "/notifications/read", body=body)
            if answer.get("complete", True):
                return parse(Badge.from_json, answer)

    async def mark_seen(self, *, up_to: str | None = None) -> Badge:
        """Marks one and all below it as seen, or all. Returns the badge."""
        body = without_none(up_to=up_to)
        answer = await self._client.request("PUT", "/notifications/seen", body=body)
        return parse(Badge.from_json, answer)

    async def follows(
        self, *, kind: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> Page[Follow]:
        """Lists what the caller follows or does not want to hear of."""
        return await self._client.get_page(
            Follow.from_json, "/me/follows", kind=kind, limit=limit, cursor=cursor
        )

    async def follow(
        self, kind: str, id: str, *, level: str = "everything", tag: str | None = None
    ) -> Follow:
        """`kind` is `conversation`, `forum`, `post`, `tag` (then `id` is that of the forum) or
        `user`; `level` is `everything`, `mentions` or `nothing`."""
        answer = await self._client.request(
            "PUT", f"/me/follows/{kind}/{id}", body={"level": level}, tag=tag
        )
        return parse(Follow.from_json, answer)

    async def unfollow(self, kind: str, id: str, *, tag: str | None = None) -> None:
        """Goes back to the default."""
        await self._client.request("DELETE", f"/me/follows/{kind}/{id}", tag=tag)

    async def preferences(self) -> NotificationPreferences:
        return await self._client.get(
            NotificationPreferences.from_json, "/me/notification-preferences"
        )

    async def set_preferences(
        self, preferences: NotificationPreferences
    ) -> NotificationPreferences:
        body = {**asdict(preferences), "silenced": list(preferences.silenced)}
        answer = await self._client.request("PUT", "/me/notification-preferences", body=body)
        return parse(NotificationPreferences.from_json, answer)

    async def push_key(self) -> PushKey:
        """The key with which a browser subscribes."""
        return await self._client.get(PushKey.from_json, "/push/key")

    async def add_browser(self, *, endpoint: str, p256dh: str, auth: str) -> Device:
        """Registers a browser's push subscription for as long as this session lives."""
        keys = {"p256dh": p256dh, "auth": auth}
        body = {"platform": "web", "endpoint": endpoint, "keys": keys}
        return parse(Device.from_json, await self._client.request("POST", "/me/devices", body=body))

    async def add_phone(self, platform: str, token: str) -> Device:
        """Registers the token of an app for as long as this session lives: `platform` is `apns` or
        `fcm`."""
        body = {"platform": platform, "token": token}
        return parse(Device.from_json, await self._client.request("POST", "/me/devices", body=body))

    async def devices(self) -> Page[Device]:
        return await self._client.get_page(Device.from_json, "/me/devices")

    async def remove_device(self, id: str) -> None:
        await self._client.request("DELETE", f"/me/devices/{id}")
