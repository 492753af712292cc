"""Tests of stacks/state_backend/."""
