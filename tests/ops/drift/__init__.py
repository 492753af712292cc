"""Tests of ops/drift/."""
