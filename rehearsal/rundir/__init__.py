"""One run's folder: file names, schema version, digests and atomic writes."""
