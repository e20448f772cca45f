"""Produces faults, heals them, and judges business invariants."""
