"""The drift report on a deployed stack that somebody changed by hand."""
