"""What vendors are asked for, and what becomes of their answers."""
