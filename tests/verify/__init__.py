"""Tests of the state verifier."""
