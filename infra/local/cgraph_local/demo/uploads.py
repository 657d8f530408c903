"""Uploads for sample events."""

import urllib.request
from typing import Any

from cgraph_local.core.running_cloud import RunningCloud

BYTES = 100


class DemoUploads:
    """Each call begins a new one."""

    def __init__(self, cloud: RunningCloud, *, token: str) -> None:
        self._cloud = cloud
        self._token = token

    def small(self) -> str:
        """Pending: nothing was sent."""
        return str(self._begin()["upload"]["id"])

    def in_parts(self) -> str:
        """In parts, none of which was sent."""
        return str(self._begin(in_parts=True)["upload"]["id"])

    def arrived(self) -> str:
        """In parts, all of which were sent."""
        begun = self._begin(in_parts=True)
        for part in begun["parts"]:
            request = urllib.request.Request(  # noqa: S310 # the local cloud's own
                part["url"], data=b"a" * part["size"], method="PUT"
            )
            with urllib.request.urlopen(request, timeout=30):  # noqa: S310
                pass
        return str(begun["upload"]["id"])

    def deleted(self) -> str:
        id = self.small()
        self._cloud.request("DELETE", f"/uploads/{id}", token=self._token)
        return id

    def _begin(self, *, in_parts: bool = False) -> Any:
        draft = {
            "filename": "notes.bin",
            "content_type": "application/octet-stream",
            "size": BYTES,
            "in_parts": in_parts,
        }
        return self._cloud.request("POST", "/uploads", draft, token=self._token)
