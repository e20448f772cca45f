"""What runs inside each tool: locustfiles, scripts, a scenario. The harness imports none of them."""
