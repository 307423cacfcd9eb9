"""`ParallelBacktestExecutor`: many stored backtests at once, over the data folder that the settings name."""

from __future__ import annotations

from concurrent.futures import Executor
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from hindcast.bootstrap import ServiceFactory
from hindcast.services.backtest import parallel
from hindcast.settings import load_settings

if TYPE_CHECKING:
    pass


class ParallelBacktestExecutor(parallel.ParallelBacktestExecutor):
    """Runs many backtests at once, and stores their results like those of any run.

    Built-in strategies share processes that have the engine loaded. Plug-ins, and models of costs or sizes of your
    own, get a process of their own for each run: what they do to it costs nobody else's result. What fails is its own
    outcome's error. A script must call it below `if __name__ == "__main__":`, as everything that starts processes.

    Parameters
    ----------
    max_workers : int
        Backtests that run at once.
    executor : concurrent.futures.Executor, optional
        Where built-in strategies are run instead of in processes that are opened here; it is not closed.
    home : path, optional
        The data folder; by default the one that the settings name.
    services : ServiceFactory, optional
        The services of a program that has them open already, instead of `home`.

    Examples
    --------
    >>> import hindcast as hc
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> requests = [
    ...     hc.BacktestRequest(strategy_type="rsi_mean_reversion", symbols=("SPX",)),
    ...     hc.BacktestRequest(strategy_type="rsi_mean_reversion", symbols=("SPZ",)),
    ... ]
    >>> with ThreadPoolExecutor(2) as threads:
    ...     outcomes = hc.ParallelBacktestExecutor(2, executor=threads).execute_parallel(requests)
    >>> outcomes[0].result.total_trades
    16
    >>> print(outcomes[1].error)
    the sample data has no symbol 'SPZ'. Did you mean 'SPX'? ...
    """

    def __init__(
        self,
        max_workers: int = 4,
        *,
        executor: Executor | None = None,
        home: str | PathLike[str] | None = None,
        services: ServiceFactory | None = None,
    ) -> None:
        from hindcast.bootstrap.parallel_runs import ParallelRunPlaces, has_own_code, run_records

        self._own = services is None
        self._services = services or ServiceFactory(load_settings(None if home is None else {"home": Path(home)}))
        super().__init__(
            max_workers,
            records=run_records(self._services),
            places=ParallelRunPlaces(self._services),
            has_own_code=has_own_code,
            executor=executor,
        )

    def close(self) -> None:
        """End the processes."""
        super().close()
        if self._own:
            self._services.children.close()
