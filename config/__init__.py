"""The process environment, and tables of TOML as checked classes. Imports neither cdktf nor AWS."""
