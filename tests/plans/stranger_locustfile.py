"""An ordinary locustfile for the mock shop, as somebody who never heard of rehearsals would write it."""

import random
import uuid

from locust import FastHttpUser, HttpUser, TaskSet, between, events, task

PRODUCTS = ["p1", "p2", "p3"]


@events.init_command_line_parser.add_listener
def add_arguments(parser):
    parser.add_argument("--most-items", type=int, default=2, help="items in a cart")


@events.test_start.add_listener
def say(environment, **kwargs):
    print(f"test starts against {environment.host}")


class Shopping(TaskSet):
    """From the product to the receipt."""

    @task(3)
    def look(self):
        self.client.get(self.user.shop + "/products/" + random.choice(PRODUCTS), name="/products/[sku]")

    @task(2)
    class Checkout(TaskSet):
        @task
        def buy(self):
            shop, headers = self.user.shop, {"X-Shopper": self.user.name, "Idempotency-Key": uuid.uuid4().hex}
            for _ in range(random.randint(1, self.user.environment.parsed_options.most_items)):
                item = {"sku": random.choice(PRODUCTS), "qty": 1}
                url = f"{shop}/carts/{self.user.name}/items"
                self.client.post(url, json=item, headers=headers | {"Idempotency-Key": uuid.uuid4().hex}, name="/carts")
            with self.client.post(shop + "/orders", json={}, headers=headers, name="/orders", catch_response=True) as r:
                if r.status_code not in (200, 201):
                    r.failure(f"no order: {r.status_code}")
                    self.interrupt()
                order = r.json()
            self.pay(order, headers)
            self.interrupt()

        def pay(self, order, headers):
            url = f"{self.user.shop}/orders/{order['order_id']}/pay"
            for channel in ("card", "pay_later"):
                body = {"channel": channel, "amount_cents": order["total_cents"]}
                key = {"Idempotency-Key": uuid.uuid4().hex}
                with self.client.post(url, json=body, headers=headers | key, name="/pay", catch_response=True) as r:
                    if r.status_code == 503 and channel == "card":
                        r.success()  # the shop says itself that it cannot take cards now
                        continue
                    if r.status_code == 409:
                        r.success()
                return

    @task(1)
    def leave(self):
        self.interrupt()


class Arriving:
    wait_time = between(0.2, 0.8)

    def on_start(self):
        self.find_a_region()

    @task
    def find_a_region(self):
        self.name = "stranger-" + uuid.uuid4().hex[:12]
        answer = self.client.get("/route", params={"shopper": self.name}, name="/route")
        if answer.status_code == 200:
            self.shop = answer.json()["url"]


class Desktop(Arriving, HttpUser):
    weight = 1
    tasks = {Arriving.find_a_region: 1, Shopping: 3}


class Phone(Arriving, FastHttpUser):
    weight = 3
    tasks = {Arriving.find_a_region: 1, Shopping: 3}
