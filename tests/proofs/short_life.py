"""API Gateway's limits of two hours and of ten minutes, and the life of signed URLs, but short."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShortLife:
    """Seconds: `life` of a socket at most, `idle` without a frame at most. `window`: how long
    everybody gets the same URL of a file.
    """

    life: int
    idle: int
    window: int = 2

    @property
    def variables(self) -> dict[str, str]:
        return {
            "CGRAPH_SOCKET_LIFE_SECONDS": str(self.life),
            "CGRAPH_SOCKET_IDLE_SECONDS": str(self.idle),
            "CGRAPH_HEARTBEAT_SECONDS": "1",
            "CGRAPH_MEDIA_WINDOW_SECONDS": str(self.window),
        }


SHORT_LIFE, SHORT_LIFE_IN_FULL = ShortLife(life=6, idle=3), ShortLife(life=20, idle=2)
