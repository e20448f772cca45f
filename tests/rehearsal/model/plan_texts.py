"""Pieces of plans in TOML that several tests begin with."""

#: One phase at five times normal volume, and a promise for it.
BURST = """[[phases]]
name = "burst"
kind = "burst"
duration_s = 4.0
rate = 5.0
[slo.burst]
p95_ms = 250.0
p99_ms = 500.0
goodput = 0.99
"""
