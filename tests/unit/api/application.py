"""The application as the tests of routes meet it: over a data folder of its own, in local mode, with its token."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hindcast.api.app import create_app
from hindcast.bootstrap import ServiceFactory
from hindcast.settings import load_settings

with warnings.catch_warnings():
    # Starlette would rather have httpx2, which this project does not need: httpx serves it as well.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

if TYPE_CHECKING:
    from hindcast.services.users.access import AccessControl

__all__ = ["BASE_URL", "TOKEN", "TestClient", "fresh_services", "running_app"]
TOKEN = "test-token-0123456789abcdef0123456789abcdef"
BASE_URL = "http://127.0.0.1:8000"


def fresh_services(**settings: object) -> ServiceFactory:
    """Services over the test's own data folder (HINDCAST_HOME, or `home`), in local mode unless told otherwise."""
    environ: dict[str, str] | None = {} if "home" in settings else None
    return ServiceFactory(load_settings({"token": TOKEN, "requests_per_second": 0, **settings}, environ=environ))


@contextmanager
def running_app(
    services: ServiceFactory | None = None,
    *,
    access: AccessControl | None = None,
    headers: Mapping[str, str] | None = None,
    **settings: object,
) -> Iterator[TestClient]:
    """A client of the application, already started; it sends the token unless `headers` say otherwise."""
    app = create_app(services or fresh_services(**settings), access=access)
    sent = {"Authorization": f"Bearer {TOKEN}"} if headers is None else dict(headers)
    with TestClient(app, base_url=BASE_URL, headers=sent) as client:
        yield client
