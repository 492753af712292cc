"""Tests of the emulated AWS and its life cycle."""
