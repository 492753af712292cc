"""The VPR job of a smoke run."""
