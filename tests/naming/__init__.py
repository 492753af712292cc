"""The naming validator: a corpus of names, and each reader, check and format."""
