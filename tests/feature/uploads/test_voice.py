"""Voice messages: how long they are, and their waveform."""

from __future__ import annotations

import base64
import io
import math
import wave
from array import array

from tests.feature.uploads.files import FIXTURES, picture, upload
from tests.feature.world import Person

RATE = 8000


def recording(seconds: int) -> bytes:
    """It gets louder, up to the loudest."""
    count = RATE * seconds
    samples = array("h", (int(32000 * n / count * math.sin(n / 3)) for n in range(count)))
    written = io.BytesIO()
    with wave.open(written, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(samples.tobytes())
    return written.getvalue()


async def test_the_waveform_of_a_wav_is_computed_and_its_duration_is_its_own(ada: Person) -> None:
    ready = await upload(ada, recording(2), "audio/wav", purpose="voice", duration_ms=99_000)

    assert (ready["kind"], ready["duration_ms"]) == ("audio", 2000)
    loudness = base64.b64decode(ready["waveform"])
    assert len(loudness) == 100
    assert loudness[0] < loudness[50] < loudness[99]
    assert loudness[99] > 240


async def test_the_waveform_that_the_client_computed_is_kept(ada: Person) -> None:
    waveform = base64.b64encode(bytes(range(64))).decode()
    content = (FIXTURES / "tune.ogg").read_bytes()

    ready = await upload(ada, content, "audio/ogg", purpose="voice", waveform=waveform)

    assert (ready["waveform"], ready["duration_ms"]) == (waveform, 1013)


async def test_a_waveform_is_up_to_256_bytes(ada: Person) -> None:
    draft = {"filename": "a", "content_type": "audio/ogg", "size": 9, "purpose": "voice"}
    for wrong in (base64.b64encode(bytes(257)).decode(), "!", "AAAAA"):
        answer = await ada.call("create_upload", {**draft, "waveform": wrong})
        assert answer.refusal == (422, "validation_failed"), wrong


async def test_a_video_or_a_picture_is_no_voice_message(ada: Person) -> None:
    for content in ((FIXTURES / "clip.webm").read_bytes(), picture()):
        refused = await upload(ada, content, "audio/webm", purpose="voice")
        assert (refused["status"], refused["reason"]) == ("refused", "type_mismatch")
