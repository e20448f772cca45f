"""Locust's HttpUser: closed loop, paced by constant_throughput, or in a pool fed by a schedule."""

from locust import HttpUser, constant_throughput, task

from benchmarks.peers.visit import RATE_PER_S, TEST, USERS, look, visit

if TEST == "closed":

    class Shopper(HttpUser):
        """Visits again as soon as the last visit is over."""

        @task
        def visit(self) -> None:
            """Make a five-step visit."""
            visit(self.client)

elif TEST == "freeze":

    class Paced(HttpUser):
        """Keeps its share of the rate, as Locust's documentation advises."""

        wait_time = constant_throughput(RATE_PER_S / USERS)

        @task
        def look(self) -> None:
            """Make one request."""
            look(self.client)

else:
    from benchmarks.peers.pool import serve

    class Buyer(HttpUser):
        """One of the pool."""

        @task
        def serve(self) -> None:
            """Serve one arrival of the schedule."""
            serve(self.client)
