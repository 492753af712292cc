"""Permissions: what a call to AWS takes, what policies give, and the policies of who deploys."""
