"""Tests of the lean import, each in a fresh interpreter: what is tested happens once per process. They need Node."""
