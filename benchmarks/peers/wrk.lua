-- The five steps in turn. wrk shares one request() between a thread's connections and parses no body,
-- so the order id in steps four and five is a fixed one.
local json = { ["Content-Type"] = "application/json" }
local order = "/orders/o00000001"
local steps = {
  wrk.format("GET", "/products/p0007"),
  wrk.format("POST", "/carts/s7-1/items", json, '{"sku":"p0007","qty":1}'),
  wrk.format("POST", "/orders", json, "{}"),
  wrk.format("POST", order .. "/pay", json, '{"channel":"card","amount_cents":1500}'),
  wrk.format("GET", order .. "/logistics"),
}
local at = 0

request = function()
  at = at % 5 + 1
  return steps[at]
end
