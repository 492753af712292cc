"""Properties of the whole repository: its structure, its runbooks and its workflows."""
