"""Tests of stacks/vpr_async/."""
