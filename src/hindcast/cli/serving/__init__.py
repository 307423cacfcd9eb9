"""The service as a process: its socket, its server, the worker beside it."""
