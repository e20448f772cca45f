"""What is written down of every request: history, histograms, Locust's statistics, the live tally."""
