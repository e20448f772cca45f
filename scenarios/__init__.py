"""Produces load: arrivals, the schedule, shoppers' paths, the client and the Locust side that runs them."""
