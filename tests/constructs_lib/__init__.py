"""Tests of constructs_lib/."""
