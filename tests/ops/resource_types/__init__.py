"""Tests of ops/resource_types/."""
