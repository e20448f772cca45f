"""What a plan's marks and hooks contradict. Pure."""

from collections.abc import Iterator

from rehearsal.model.plan import Plan
from rehearsal.model.toml_places import Path

#: Headers by which clients and servers find each other, or which shoppers need for themselves.
_TAKEN = frozenset(
    {
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "cookie",
        "expect",
        "host",
        "idempotency-key",
        "keep-alive",
        "location",
        "proxy-authorization",
        "proxy-connection",
        "referer",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "x-shopper",
    }
)


def marks_and_hooks(plan: Plan) -> Iterator[tuple[Path, str]]:
    """Yield the mistakes of [marks] and [hooks], each with its place."""
    header, hooks = plan.marks.header, plan.hooks
    if header.lower() in _TAKEN:
        yield ("marks", "header"), f"{header} has a meaning of its own; choose another, such as X-Rehearsal"
    if "hooks" in plan.model_fields_set and not (hooks.before.strip() or hooks.after.strip()):
        yield ("hooks",), "has no command: give before, after or both"
