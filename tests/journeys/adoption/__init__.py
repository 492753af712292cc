"""Adoption and retention, tried on a deployed prod that holds data."""
