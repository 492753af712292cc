"""Tests of ops/handlers/."""
