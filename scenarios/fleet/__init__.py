"""Several load processes as one: a master, its workers, their clocks, and what they tell each other."""
