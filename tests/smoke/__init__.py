"""The smoke run, on a deployed stack that works, on one that does not, and cut short."""
