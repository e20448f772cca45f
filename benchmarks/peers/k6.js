// k6: the five-step visit by constant-vus, or one request an arrival by constant-arrival-rate.
import http from "k6/http";

const env = __ENV;
const json = { headers: { "Content-Type": "application/json" } };
const named = (name) => ({ tags: { name } });
const posted = (name) => ({ ...json, tags: { name } });
const users = parseInt(env.BENCH_USERS);
const duration = `${env.BENCH_SECONDS}s`;
const closed = { executor: "constant-vus", exec: "visit", vus: users, duration, gracefulStop: "0s" };
const open = {
  executor: "constant-arrival-rate",
  exec: "look",
  rate: parseInt(env.BENCH_RATE),
  timeUnit: "1s",
  duration,
  preAllocatedVUs: users,
  maxVUs: users,
  gracefulStop: "5s",
};

export const options = {
  scenarios: { bench: env.BENCH_TEST === "closed" ? closed : open },
  summaryTrendStats: ["p(50)", "p(95)", "p(99)", "max"],
};

export function look() {
  http.get(`${env.BENCH_URL}/products/p0007`, named("product")).json();
}

export function visit() {
  const base = env.BENCH_URL;
  const product = http.get(`${base}/products/p0007`, named("product")).json();
  const item = JSON.stringify({ sku: product.sku, qty: 1 });
  http.post(`${base}/carts/s7-1/items`, item, posted("cart")).json();
  const order = http.post(`${base}/orders`, "{}", posted("order")).json();
  const path = `${base}/orders/${order.order_id}`;
  const payment = JSON.stringify({ channel: "card", amount_cents: order.total_cents });
  http.post(`${path}/pay`, payment, posted("pay")).json();
  http.get(`${path}/logistics`, named("logistics")).json();
}

export function handleSummary(data) {
  return { [env.BENCH_OUTPUT]: JSON.stringify(data) };
}
