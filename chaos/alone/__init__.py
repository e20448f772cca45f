"""One drill by itself, against any shop: through its own Toxiproxy, or by its own commands; no load."""
