"""HTTP/1.1 for load: connections on persistent watchers, one deadline a request, a word for every fate."""
