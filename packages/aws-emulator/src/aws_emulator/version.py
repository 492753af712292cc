"""The version of this package; a saved state of another version is not restored."""

VERSION = "0.1.0"
