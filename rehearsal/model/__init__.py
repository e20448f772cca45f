"""Frozen values without I/O: what is rehearsed, what happened, what was judged."""
