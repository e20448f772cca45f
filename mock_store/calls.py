"""Requests that the provider received, by endpoint: what retries add up to, seen from the other side."""

from collections import Counter, defaultdict

ENDPOINTS = ("authorize", "capture", "status", "refund")


class Calls:
    """Counts since the start of the process."""

    def __init__(self) -> None:
        """Begin at 0."""
        self._requests: Counter[str] = Counter()
        self._orders: dict[str, set[str]] = defaultdict(set)

    def note(self, endpoint: str, order_id: str) -> None:
        """Count a request and the order that it is about ("": not known)."""
        self._requests[endpoint] += 1
        if order_id:
            self._orders[endpoint].add(order_id)

    def report(self) -> list[dict[str, object]]:
        """Return for each endpoint its requests, and the distinct orders they were about."""
        return [
            {"endpoint": name, "requests": self._requests[name], "orders": len(self._orders[name])}
            for name in ENDPOINTS
        ]
