"""Oscar's checkout, forked only to take a payment, which Oscar leaves to every shop."""
