"""Tests of ops/verify/."""
