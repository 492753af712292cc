"""Tests of ops/supply_chain/."""
