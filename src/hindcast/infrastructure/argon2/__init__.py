"""Hashes of passwords: Argon2id."""
