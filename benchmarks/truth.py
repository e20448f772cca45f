"""What a perfect client would have measured in the freeze test: an exact function of schedule and freeze."""

from collections.abc import Sequence

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000


def even_due_ns(rate_per_s: int, seconds: float) -> list[int]:
    """Return when each request of a constant rate is due, in nanoseconds from the first."""
    return [number * NS_PER_S // rate_per_s for number in range(round(rate_per_s * seconds))]


def responses_ns(due_ns: Sequence[int], frozen: tuple[int, int], service_ns: int) -> list[int]:
    """Return each request's response time from its due time, in nanoseconds.

    One server takes requests in order of arrival, `service_ns` each, and begins none in [start, end) of
    `frozen`; the network takes no time. Lindley's recursion (1952), with the freeze as a server's vacation.
    """
    start_ns, end_ns = frozen
    free_ns = 0
    responses: list[int] = []
    for due in due_ns:
        begin = max(due, free_ns)
        if start_ns <= begin < end_ns:
            begin = end_ns
        free_ns = begin + service_ns
        responses.append(free_ns - due)
    return responses
