"""What holds for the whole repository: its structure, its runbooks and its workflows."""
