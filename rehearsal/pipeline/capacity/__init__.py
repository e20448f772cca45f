"""The search for capacity: a load that grows by trials, each judged before the next is chosen."""
