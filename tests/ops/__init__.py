"""Tests of ops/, file by file."""
