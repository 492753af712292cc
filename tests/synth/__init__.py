"""Tests of the constructs and of what the real app synthesizes. They need Node."""
