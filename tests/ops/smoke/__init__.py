"""Tests of ops/smoke/."""
