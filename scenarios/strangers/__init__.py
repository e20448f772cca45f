"""A locustfile that knows nothing of us, under a plan: its users, its fate at the shop, its bounds."""
