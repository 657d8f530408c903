"""Uploads for sample events."""

import time
import urllib.request
from base64 import b64decode
from typing import Any

from cgraph_local.core.running_cloud import RunningCloud

BYTES = 100
PNG = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAFElEQVR4nGM8IWfDgA0wYRUdtBIA5+ABMmcf2iwAAAAA"
    "SUVORK5CYII="
)
"""A red square."""
READY_SECONDS = 60.0


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

    def emoji(self) -> str:
        """Ready to be an emoji."""
        import httpx

        draft = {
            "filename": "teapot.png",
            "content_type": "image/png",
            "size": len(PNG),
            "purpose": "emoji",
        }
        begun = self._cloud.request("POST", "/uploads", draft, token=self._token)
        sent = httpx.post(begun["url"], data=begun["fields"], files={"file": PNG}, timeout=30)
        sent.raise_for_status()
        return self._ready(str(begun["upload"]["id"]))

    def _ready(self, id: str) -> str:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            status = self._cloud.request("GET", f"/uploads/{id}", token=self._token)["status"]
            if status == "ready":
                return id
            time.sleep(0.1)
        raise TimeoutError(f"the upload is still {status}")

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
