"""Writes code again without the literal tokens in it: `quixnb.token("name")` where each of them stood."""
