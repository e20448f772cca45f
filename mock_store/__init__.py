"""A shop to rehearse against: two regions, a payment provider and a director, a process each."""
