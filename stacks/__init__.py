"""The stacks: they compose constructs and settings, and nothing else."""
