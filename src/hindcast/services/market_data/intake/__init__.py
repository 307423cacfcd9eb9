"""Bars of one's own on their way into the store."""
