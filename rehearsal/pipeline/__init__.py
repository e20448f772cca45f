"""One function for each arrow of the flow."""
