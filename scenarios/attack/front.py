"""How attackers find the shop and what they ask there: as shoppers do, by way of the front door."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec

from scenarios.attack.counts import Counts
from scenarios.attack.order import Attack, check_host
from scenarios.attack.wire import BROKEN, Answer, Line


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One request of an attacker's."""

    shopper: str
    path: str
    method: str = "POST"
    json: Any = None
    key: str = ""
    token: str = ""

    @property
    def headers(self) -> Mapping[str, str]:
        """Return what is said besides: who asks, under which key, with which number of the queue."""
        said = {"X-Shopper": self.shopper, "Idempotency-Key": self.key, "X-Queue-Token": self.token}
        return {name: value for name, value in said.items() if value}


class Front:
    """The shop as the attackers of one attack see it; connections are kept, and what is met is counted."""

    def __init__(self, attack: Attack, counts: Counts) -> None:
        """Take the attack, and where its answers are counted."""
        self._attack = attack
        self._counts = counts
        self._regions: dict[str, str] = {}
        self._idle: dict[str, list[Line]] = {}

    async def region_of(self, shopper: str) -> str:
        """Return the address of a shopper's region; the shop's own if it names none."""
        if shopper not in self._regions:
            asked = Ask(shopper=shopper, method="GET", path=f"/route?shopper={shopper}")
            answer = await self._sent(self._attack.url, asked)
            url = str(answer.body.get("url") or "") if answer and answer.status == HTTPStatus.OK else ""
            if url:
                check_host(url)
            self._regions[shopper] = url.rstrip("/") or self._attack.url
        return self._regions[shopper]

    async def drawn(self, shopper: str, key: str) -> str:
        """Draw a number of the queue; "" if none was given."""
        path = f"/flash-sale/{self._attack.sku}/queue"
        answer = await self.ask(Ask(shopper=shopper, path=path, json={}, key=key))
        return str(answer.body.get("token") or "") if answer else ""

    async def buy(self, shopper: str, key: str, token: str = "") -> None:
        """Try to buy one unit, and count what comes of it."""
        path = f"/flash-sale/{self._attack.sku}/buy"
        answer = await self.ask(Ask(shopper=shopper, path=path, json={"qty": 1}, key=key, token=token))
        if answer is not None:
            self._counts.add(f"buy {answer.name}")

    async def ask(self, asked: Ask) -> Answer | None:
        """Ask a shopper's region; None if it gave no answer, and the shopper looks for another then."""
        answer = await self._sent(await self.region_of(asked.shopper), asked)
        if answer is None:
            self._regions.pop(asked.shopper, None)
        return answer

    def close(self) -> None:
        """Close all kept connections."""
        for idle in self._idle.values():
            while idle:
                idle.pop().close()

    async def _sent(self, url: str, asked: Ask) -> Answer | None:
        idle = self._idle.setdefault(url, [])
        line = idle.pop() if idle else Line(url)
        self._counts.open += 1
        try:
            answer = await line.ask(asked.method, asked.path, json=asked.json, headers=asked.headers)
        except (TimeoutError, *BROKEN) as error:
            self._counts.add(type(error).__name__)
            return None
        finally:
            self._counts.open -= 1
        idle.append(line)
        return answer
