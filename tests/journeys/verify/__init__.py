"""Verification of a deployed stack that was changed, or whose reader lacks permissions."""
