"""Renders and signs what is already decided."""
