"""A plan that searches for capacity, in TOML, that several tests begin with."""

#: A warm-up in which the sale opens, the search, two SLO sets, and one thing that is gone.
SEARCH = """
name = "search"

[traffic]
normal_per_s = 10.0
multiplier = 6.0
mix = { browse = 0.5, cart = 0.3, flash_sale = 0.2 }

[forecast]
peak_per_s = 60.0

[sale]
stock = 100000
opens_with = "warm-up"

[[phases]]
name = "warm-up"
kind = "warmup"
duration_s = 5.0
rate = 1.0

[[phases]]
name = "search"
kind = "capacity"

[capacity]
slo.strict = { p95_ms = 100.0, p99_ms = 200.0, goodput = 0.99, payment_success = 0.98 }
slo.loose = { p95_ms = 500.0, p99_ms = 900.0, goodput = 0.95 }

[[capacity.surviving]]
name = "one region gone"
kind = "region_killed"

"""

#: The shop is somebody's own.
THEIRS = '[target]\nshop = "url"\nurl = "http://127.0.0.1:80"\n\n[traffic]'
SLO = "{ p95_ms = 1.0, p99_ms = 2.0, goodput = 0.9, payment_success = 0.9 }"
