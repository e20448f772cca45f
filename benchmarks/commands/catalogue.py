"""All tools, and which of them each benchmark compares."""

from benchmarks.commands import k6, locust_family, node, plain

OURS = locust_family.OURS
CLOSED_LOOP = (k6.PEER, locust_family.FAST, locust_family.PLAIN, plain.HEY, plain.WRK)
CLEAN_RATE = CLOSED_LOOP
FREEZE = (k6.PEER, locust_family.FAST, node.ARTILLERY, node.AUTOCANNON)
MEMORY = (k6.PEER, locust_family.FAST)
