"""Reports, removals, approvals, bans, warnings and appeals. `kind` is `post` or `comment`."""

from __future__ import annotations

from datetime import datetime

from cgraph_client.api.resource import Resource, without_none
from cgraph_client.models.moderation import (
    Appeal,
    Ban,
    ForumWarning,
    Removal,
    Report,
    ReportCase,
    TextsRemoved,
    TextsRestored,
)
from cgraph_client.models.page import Page


class Moderation(Resource):
    # reports

    async def report(self, kind: str, target_id: str, reason: str, *, note: str = "") -> Report:
        """Reports a post or a comment to the moderators. `reason`: `spam`, `harassment`, `hate`,
        `violence`, `sexual`, `misinformation`, `off_topic` or `other`."""
        body = {"target": {"kind": kind, "id": target_id}, "reason": reason, "note": note}
        return await self._client.call(Report.from_json, "POST", "/reports", body=body)

    async def reports(
        self, *, state: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> Page[ReportCase]:
        """Lists the reports in all forums that the caller moderates. `state`: `open`, `claimed` or
        `resolved`."""
        return await self._client.get_page(
            ReportCase.from_json, "/reports", state=state, limit=limit, cursor=cursor
        )

    async def forum_reports(
        self,
        slug: str,
        *,
        state: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[ReportCase]:
        """As `reports`, of one forum."""
        path = f"/forums/{slug}/reports"
        return await self._client.get_page(
            ReportCase.from_json, path, state=state, limit=limit, cursor=cursor
        )

    async def show_report(self, report_id: str) -> ReportCase:
        """Returns a report with all that it keeps as evidence."""
        return await self._client.get(ReportCase.from_json, f"/reports/{report_id}")

    async def claim_report(self, report_id: str) -> ReportCase:
        """Reserves a report for the caller for 15 minutes."""
        return await self._client.call(ReportCase.from_json, "POST", f"/reports/{report_id}/claim")

    async def release_report(self, report_id: str) -> None:
        await self._client.request("DELETE", f"/reports/{report_id}/claim")

    async def resolve_report(
        self,
        report_id: str,
        action: str,
        *,
        note: str = "",
        days: int | None = None,
        shadow: bool | None = None,
    ) -> ReportCase:
        """`action`: `dismiss`, `approve`, `remove`, `warn` or `ban`. `days`, `shadow`: of the ban,
        which is permanent without `days`."""
        body = {"action": action, "note": note}
        ban = without_none(days=days, shadow=shadow)
        return await self._client.call(
            ReportCase.from_json,
            "POST",
            f"/reports/{report_id}/resolve",
            body=body | ({"ban": ban} if ban else {}),
        )

    # single posts and comments

    async def remove_post(self, post_id: str, *, reason: str = "") -> Removal:
        return await self._remove(f"/posts/{post_id}", reason=reason)

    async def remove_comment(self, comment_id: str, *, reason: str = "") -> Removal:
        return await self._remove(f"/comments/{comment_id}", reason=reason)

    async def restore_post(self, post_id: str) -> None:
        await self._client.request("DELETE", f"/posts/{post_id}/removal")

    async def restore_comment(self, comment_id: str) -> None:
        await self._client.request("DELETE", f"/comments/{comment_id}/removal")

    async def approve_post(self, post_id: str) -> None:
        """Shows a post that was withheld to all readers."""
        await self._client.request("PUT", f"/posts/{post_id}/approval")

    async def approve_comment(self, comment_id: str) -> None:
        """Shows a comment that was withheld to all readers."""
        await self._client.request("PUT", f"/comments/{comment_id}/approval")

    # users

    async def ban(
        self,
        slug: str,
        user_id: str,
        *,
        days: int | None = None,
        until: datetime | None = None,
        shadow: bool = False,
        reason: str = "",
        remove: str | None = None,
    ) -> Ban:
        """Bans a user from a forum: for some days, until a time, or for ever. `remove`: also
        removes what the user wrote in the last `day` or `week`, or `all` of it."""
        ends = None if until is None else until.isoformat()
        body = {"shadow": shadow, "reason": reason}
        body |= without_none(days=days, until=ends, remove=remove)
        return await self._client.call(
            Ban.from_json, "PUT", f"/forums/{slug}/bans/{user_id}", body=body
        )

    async def unban(self, slug: str, user_id: str, *, restore: bool | None = None) -> TextsRestored:
        """`restore`: also restores what was removed with the ban."""
        return await self._client.call(
            TextsRestored.from_json,
            "DELETE",
            f"/forums/{slug}/bans/{user_id}",
            restore=None if restore is None else str(restore).lower(),
        )

    async def bans(
        self, slug: str, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[Ban]:
        path = f"/forums/{slug}/bans"
        return await self._client.get_page(Ban.from_json, path, limit=limit, cursor=cursor)

    async def remove_texts(
        self, slug: str, user_id: str, written: str, *, reason: str = ""
    ) -> TextsRemoved:
        """Removes what a banned user wrote in a forum. `written`: in the last `day` or
        `week`, or `all` of it. To be repeated while the answer says `more`."""
        path = f"/forums/{slug}/users/{user_id}/removals"
        body = {"written": written, "reason": reason}
        return await self._client.call(TextsRemoved.from_json, "POST", path, body=body)

    async def restore_texts(self, slug: str, user_id: str) -> TextsRestored:
        """Restores what was removed with a ban or withheld by a shadow ban. To be repeated while
        the answer says `more`."""
        path = f"/forums/{slug}/users/{user_id}/restorations"
        return await self._client.call(TextsRestored.from_json, "POST", path)

    async def warn(
        self,
        slug: str,
        user_id: str,
        reason: str,
        *,
        target: tuple[str, str] | None = None,
        nonce: str | None = None,
    ) -> ForumWarning:
        """Warns a user. `target`: kind and id of the post or comment that the warning is about."""
        about = None if target is None else {"kind": target[0], "id": target[1]}
        body = {"user_id": user_id, "reason": reason, **without_none(target=about, nonce=nonce)}
        path = f"/forums/{slug}/warnings"
        return await self._client.call(ForumWarning.from_json, "POST", path, body=body)

    # appeals

    async def appeal(self, kind: str, target_id: str, content: str) -> Appeal:
        """Appeals against the removal of a post or a comment, or (`kind` is `forum`) against the
        ban from a forum."""
        body = {"against": {"kind": kind, "id": target_id}, "content": content}
        return await self._client.call(Appeal.from_json, "POST", "/appeals", body=body)

    async def appeals(
        self,
        slug: str,
        *,
        state: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[Appeal]:
        """`state`: `open`, `accepted` or `rejected`."""
        path = f"/forums/{slug}/appeals"
        return await self._client.get_page(
            Appeal.from_json, path, state=state, limit=limit, cursor=cursor
        )

    async def resolve_appeal(self, appeal_id: str, decision: str, *, note: str = "") -> Appeal:
        """`decision`: `accept` or `reject`."""
        path, body = f"/appeals/{appeal_id}/resolve", {"decision": decision, "note": note}
        return await self._client.call(Appeal.from_json, "POST", path, body=body)

    async def _remove(self, path: str, *, reason: str) -> Removal:
        body = {"reason": reason}
        return await self._client.call(Removal.from_json, "PUT", f"{path}/removal", body=body)
