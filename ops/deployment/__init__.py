"""Deployment of the stacks: plan, review, apply and what protects data on the way."""
