"""Importing this settles the tests' surroundings; what is imported after it finds them settled."""

from tests.surroundings import settle

settle()
