"""Coverage metadata out of the store, which is the truth of it."""

from __future__ import annotations

from hindcast.services.ports import BarStore, CoverageRepository


def rebuild_coverage(store: BarStore, coverage: CoverageRepository) -> int:
    """Forget the metadata and take it from the newest versions' manifests anew; gives the number of series.

    What a source refused and nobody published is forgotten, and so it is asked again. Raises StorageError.
    """
    coverage.clear()
    count = 0
    for provider, interval in store.datasets():
        known = [series.coverage for series in store.series(provider, interval).values()]
        coverage.save(known)
        count += len(known)
    return count
