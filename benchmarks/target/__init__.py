"""The server every generator is measured against. It imports the standard library alone (and uvloop)."""
