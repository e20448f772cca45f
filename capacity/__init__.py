"""Judges numbers: response times, goodput, the ledger, the generator's honesty and headroom."""
