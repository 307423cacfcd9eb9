"""Benchmarks by name, and how they lie beside a run."""
