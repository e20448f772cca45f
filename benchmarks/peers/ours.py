"""Ours: the load engine's HttpUser under plain Locust, closed or (with its mixin) open."""

from locust import task

from benchmarks.peers.visit import RATE_PER_S, SECONDS, TEST, look, visit
from scenarios.arrival import constant
from scenarios.users import HttpUser, OpenModel

if TEST == "closed":

    class Shopper(HttpUser):
        """Visits again as soon as the last visit is over."""

        @task
        def visit(self) -> None:
            """Make a five-step visit."""
            visit(self.client)

else:

    class Buyer(OpenModel, HttpUser):
        """Serves one arrival of the schedule at a time."""

        arrivals = constant(RATE_PER_S, SECONDS)

        @task
        def look(self) -> None:
            """Make one request."""
            look(self.client)
