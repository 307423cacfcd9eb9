"""The store of bars: immutable files, manifests, pointers."""
