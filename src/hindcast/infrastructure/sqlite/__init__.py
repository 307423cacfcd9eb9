"""The document store of one machine: a SQLite file in the data folder."""
