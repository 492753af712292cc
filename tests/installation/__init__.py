"""Tests of what set-up installs, with the real tools."""
