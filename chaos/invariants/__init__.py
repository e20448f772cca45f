"""One business invariant a file, judged from the history and the final readings."""
