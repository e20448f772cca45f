"""A plan's links while the doctor looks: what points at one on which nobody listens reaches nothing."""

import socket

from rehearsal.model.link_check import edge_missed, past_edge, place_of
from rehearsal.model.plan import Plan
from rehearsal.model.plan_shop import Link
from rehearsal.pipeline.tryout.sight import Sight, dubious, well

_ABOUT = "links"
_LIMIT_S = 1.0


def silent_links(plan: Plan) -> tuple[Link, ...]:
    """Return the links on which nobody listens now."""
    return tuple(link for link in plan.links if not _listens(link))


def links_seen(plan: Plan, silent: tuple[Link, ...]) -> tuple[Sight, ...]:
    """Return what is to be said of a plan's links."""
    if not plan.links:
        return ()
    past = tuple(dubious(_ABOUT, words) for words in (edge_missed(plan),) if words)
    if not silent:
        return (*past, well(_ABOUT, f"all {len(plan.links)} links listen."))
    told = ", ".join(f"{link.name} ({link.listen})" for link in silent)
    words = f"nobody listens on {told}: a shop that points there reaches nothing, until a drill begins"
    return (*past, dubious(_ABOUT, f"{words}; keep them up meanwhile: rehearse links up PLAN."))


def past_silent_edge(plan: Plan, silent: tuple[Link, ...]) -> Plan:
    """Return a plan whose shoppers go to the shop itself if the link before it does not listen."""
    url = past_edge(plan)
    if not silent or url == plan.target.url or not any(link.listen in plan.target.url for link in silent):
        return plan
    return plan.model_copy(update={"target": plan.target.model_copy(update={"url": url})})


def _listens(link: Link) -> bool:
    try:
        with socket.create_connection(place_of(link.listen), timeout=_LIMIT_S):
            return True
    except OSError:
        return False
