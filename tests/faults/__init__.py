"""A fault harness: deployments are killed, raced and cut off from AWS, and each must come out whole."""
