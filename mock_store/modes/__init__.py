"""Faults that TCP cannot bring about, switched on over HTTP: the registry, and a file for each family."""
