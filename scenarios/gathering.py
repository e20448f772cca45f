"""Who gathers in the waiting room before T-0: when each comes, and when each is let go. Pure."""

from random import Random

from rehearsal.model.clock import nanoseconds
from rehearsal.model.plan import Plan
from rehearsal.model.release import releases_ns
from rehearsal.model.timeline import timeline_of


def of(plan: Plan) -> list[tuple[int, int]]:
    """Return (came_ns, release_ns) of each shopper, in the order they come; empty without a waiting room.

    They come like a Poisson process of exact count over `gather_s`, and are let go in another order than
    they came in: nobody clicks sooner for having waited longer.
    """
    room = plan.waiting_room
    if room is None:
        return []
    opens_ns = timeline_of(plan).window_of(plan.sale.opens_with).start_ns
    start_ns = opens_ns - nanoseconds(room.hold_s + room.gather_s)
    random = Random(f"{plan.seed}/waiting_room")  # noqa: S311 - repeatability, not secrecy
    came_ns = sorted(start_ns + nanoseconds(random.random() * room.gather_s) for _ in range(room.shoppers))
    released_ns = list(releases_ns(plan))
    random.shuffle(released_ns)
    return list(zip((max(0, came) for came in came_ns), released_ns, strict=True))
