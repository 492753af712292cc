"""Checks of the project's material: configuration by checkov, packages by advisories, and a list of its parts."""
