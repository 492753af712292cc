"""Each package as its users install it: alone, in an empty environment."""
