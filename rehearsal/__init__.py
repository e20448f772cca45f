"""Rehearses an online shop's promotion before it opens: the spine and the command line."""

__version__ = "0.1.0"
