"""`hindcast serve`: the service, and a worker beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hindcast.cli.session import session_of

if TYPE_CHECKING:
    import socket

    from hindcast.bootstrap import ServiceFactory
    from hindcast.settings import Settings


_SHORTEST_TOKEN: Final = 16  # characters that nobody guesses


def serve(
    context: typer.Context,
    *,
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="The address to listen on (127.0.0.1).", show_default=False)
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="The port to listen on (8000); 0: any.", show_default=False)
    ] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="The data folder, in place of --home.", show_default=False)
    ] = None,
    mode: Annotated[
        str | None,
        typer.Option(metavar="local|server", help="One user with a token, or users who log in.", show_default=False),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=0, help="Backtests to run at once; 0: one a core.", show_default=False)
    ] = None,
    worker: Annotated[bool, typer.Option("--worker/--no-worker", help="Run backtests too, or only answer.")] = True,
) -> None:
    """Serve strategies, backtests and market data over HTTP, and run the backtests that are queued.

    Prints the address with its token once, and `ready ADDRESS` when requests are taken. Ends in order on Ctrl-C and
    SIGTERM: what was queued stays queued, what ran is given back.
    """
    from hindcast.bootstrap import ServiceFactory
    from hindcast.cli.serving.companion import WorkerProcess, worker_command, worker_environment
    from hindcast.cli.serving.listening import check_host, listen, url_of
    from hindcast.cli.serving.packages import check_packages

    flags = {"home": data, "host": host, "port": port, "mode": mode, "workers": workers}
    settings = session_of(context).with_flags(flags).settings
    check_host(settings.host, settings.mode)
    check_packages()
    services = ServiceFactory(settings)
    services.databases.open()
    _ = services.databases.documents  # where its address can't be read, that is told now, not by every request
    listener = listen(settings.host, settings.port)
    url = url_of(listener, settings.host)
    companion = WorkerProcess(
        worker_command(home=str(settings.home), slots=settings.workers), environment=worker_environment()
    )
    if worker:
        companion.start()  # while the server's packages are loaded
    try:
        _serve_http(services, listener, url)
    finally:
        companion.stop()


def _serve_http(services: ServiceFactory, listener: socket.socket, url: str) -> None:
    from hindcast.api.app import create_app, end_streams
    from hindcast.api.logging import set_up_logs
    from hindcast.cli.serving.http_server import HttpServer
    from hindcast.cli.serving.http_server import serve as serve_until_ended
    from hindcast.services.users.local_token import LocalAccess

    settings, access = services.settings, services.access
    token = access.token if isinstance(access, LocalAccess) else None
    set_up_logs(secrets=() if token is None else (token,))
    app = create_app(services, access=access)

    def tell() -> None:
        print_welcome(settings, url, token)
        print(f"ready {url}", flush=True)

    server = HttpServer(app, behind_proxy=settings.mode == "server", ready=tell, ending=lambda: end_streams(app))
    serve_until_ended(server, listener)


def print_welcome(settings: Settings, url: str, token: str | None) -> None:
    """Say what is served where, and to whom; `token` is the local mode's."""
    print(f"Hindcast serves {settings.home}")
    if token is None:
        print(f"  {url}/api/v1, for users: `hindcast users add NAME --admin` makes the first")
    elif settings.token is None:
        print(f"  {url}/?token={token}")
        print(
            "  Programs send the token: Authorization: Bearer TOKEN. Each start makes another; HINDCAST_TOKEN sets it."
        )
    else:
        print(f"  {url}/api/v1, with the token that HINDCAST_TOKEN sets")
        if len(token) < _SHORTEST_TOKEN:
            print(
                f"  That token has {len(token)} characters, and short ones can be guessed by programs on this machine: "
                f"take {_SHORTEST_TOKEN} or more, or none."
            )
    print("  Ctrl-C ends it.", flush=True)
