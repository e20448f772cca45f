"""`rehearse doctor --target PLAN`: what the harness sees of somebody's shop before anything is rehearsed."""
