"""A job sent through the deployed resources, as the three handlers would, and taken away again."""
