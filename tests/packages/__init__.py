"""The packages, each installed in an environment of its own."""
