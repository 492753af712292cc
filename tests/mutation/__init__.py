"""Faults written by hand, applied to copies of the source one at a time, to prove that the fast tests catch each."""
