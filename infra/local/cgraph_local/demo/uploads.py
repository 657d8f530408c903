"""Uploads for sample events."""

import urllib.request
from typing import Any

from cgraph_local.core.running_cloud import RunningCloud

LARGE = 50 * 1024 * 1024 + 1
"""Bytes, from which a file is sent in parts."""


class DemoUploads:
    """Each call begins a new one."""

    def __init__(self, cloud: RunningCloud, *, token: str) -> None:
        self._cloud = cloud
        self._token = token

    def small(self) -> str:
        """Pending: nothing was sent."""
        return str(self._begin(size=100)["upload"]["id"])

    def large(self) -> str:
        """In parts, none of which was sent."""
        return str(self._begin(size=LARGE)["upload"]["id"])

    def arrived(self) -> str:
        """In parts, all of which were sent."""
        begun = self._begin(size=LARGE)
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

    def _begin(self, *, size: int) -> Any:
        draft = {"filename": "notes.bin", "content_type": "application/octet-stream", "size": size}
        return self._cloud.request("POST", "/uploads", draft, token=self._token)
