"""Journeys: what deploys, command by command."""
