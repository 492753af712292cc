"""A feature's marked run through what is deployed, step by step, taken away again."""
