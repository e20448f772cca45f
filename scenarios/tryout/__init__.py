"""One visit of each kind, step by step, in a process of its own, for `rehearse doctor`."""
