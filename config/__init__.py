"""What is asked for: the process environment, the settings files and the names. Imports neither cdktf nor AWS."""
