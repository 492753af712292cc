"""Tests of packages/ as somebody else has them: each installed, in an environment of its own that has nothing else."""
