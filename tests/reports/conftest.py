"""Fixtures of the report room: a finished run in a folder, good or bad."""
