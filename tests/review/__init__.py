"""Tests of the review of plans: its core, its forms, and real plans."""
