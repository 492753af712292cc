"""Operational tools: they read JSON and AWS, and never import a construct."""
