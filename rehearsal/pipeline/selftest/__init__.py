"""Proves that the harness finds what it claims to: planted bugs are caught, a correct shop never accused."""
