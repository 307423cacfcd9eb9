"""The one composition root: the only place that knows every part, and hands ready services to the doors."""

from hindcast.bootstrap.databases import DatabaseManager
from hindcast.bootstrap.services import ServiceFactory

__all__ = ["DatabaseManager", "ServiceFactory"]
