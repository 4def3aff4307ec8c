"""The magics: each parses a line, calls the Python API and returns its result."""
