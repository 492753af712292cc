"""Hostile input: each reader is given what nobody would write, must say so in a sentence, soon, and do no more."""
