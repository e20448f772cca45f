"""A shop to rehearse against: two regions, two payment providers, a director and a worker, a process each."""

import sys

# httpx brings a command line along, and with it click, rich and pygments: a fifth of what a process takes to
# start, and 5 MB. It does without if that cannot be imported.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
