"""One verb a file; each parses, calls the pipeline, prints and returns an exit code."""
