"""An open model for Locust's own users, as a team would write it: a greenlet hands due times to idle users.

The strongest plain form known: what start-up left is frozen and the cyclic collector is off.
"""

import gc
import json
import time
from pathlib import Path
from typing import Any

import gevent
from gevent.queue import SimpleQueue
from locust import events

from benchmarks.peers.visit import OUTPUT, RATE_PER_S, SECONDS, TEST, look

_PATIENCE_S = 1.0
_due: SimpleQueue[int] = SimpleQueue()
_count = {"planned": 0, "dropped": 0, "idle": 0}


def serve(client: Any) -> None:
    """Wait for a turn and serve one arrival: the one task of a user of the pool."""
    _count["idle"] += 1
    _due.get()
    look(client)


def _feed(runner: Any) -> None:
    gc.collect()
    gc.freeze()
    if TEST != "soak":
        # On time at the highest rate; over ten minutes it would only leak.
        gc.disable()
    start = time.monotonic()
    for number in range(round(RATE_PER_S * SECONDS)):
        left_s = start + number / RATE_PER_S - time.monotonic()
        if left_s > 0:
            gevent.sleep(left_s)
        _count["planned"] += 1
        if _count["idle"]:
            _count["idle"] -= 1
            _due.put(number)
        else:
            _count["dropped"] += 1
    gevent.sleep(_PATIENCE_S)
    Path(OUTPUT).write_text(json.dumps(_count), encoding="ascii")
    runner.quit()


def _on_init(environment: Any, **_: Any) -> None:
    environment.events.spawning_complete.add_listener(lambda **_: gevent.spawn(_feed, environment.runner))


# Locust's event hooks carry no types.
_events: Any = events
_events.init.add_listener(_on_init)
