"""Constructs for any CDKTF project on AWS: secure by default, one job each, told their names and values."""
