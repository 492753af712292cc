"""Three handlers as another project would write them, and their tests."""
