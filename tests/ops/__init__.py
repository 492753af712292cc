"""Tests of the commands' modules, file by file."""
