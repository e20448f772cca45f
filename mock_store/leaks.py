"""The defects that lose something with every request: memory, or the server that a request was served by."""

from starlette.types import Message, Send

from mock_store.defects import Defect
from mock_store.region import Region

LEAKS = frozenset({Defect.MEMORY_LEAK, Defect.CONNECTION_LEAK})
_KEPT_BYTES = 256 * 1024
#: So that a forgotten shop does not take the machine down.
_MOST_KEPT = 2048
_ACCEPTED, _SERVER_ERROR = 202, 500


class Leaks:
    """What one region has lost."""

    def __init__(self, region: Region) -> None:
        """Have lost nothing yet."""
        self._region = region
        self._kept: list[bytes] = []

    def through(self, send: Send) -> Send:
        """Return a way to send an answer that loses something as it begins."""

        async def leaking(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._lose(message["status"])
            await send(message)

        return leaking

    def _lose(self, status: int) -> None:
        if self._region.has(Defect.MEMORY_LEAK) and len(self._kept) < _MOST_KEPT:
            # Written to, so that it is really taken of the machine's memory.
            self._kept.append(b"x" * _KEPT_BYTES)
        unhappy = status == _ACCEPTED or status >= _SERVER_ERROR
        if unhappy and self._region.has(Defect.CONNECTION_LEAK):
            self._region.station.leak()
