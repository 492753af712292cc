"""Tests of ops/access/."""
