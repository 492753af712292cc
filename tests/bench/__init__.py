"""`make bench`: this project's synthesis, commands and apply beside those of what a user would pick instead."""
