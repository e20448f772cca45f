"""What `rehearse init` writes: a plan, an adapter and how to go on, whole as they stand."""
