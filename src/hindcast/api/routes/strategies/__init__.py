"""Strategies, and the types that they are made of."""
