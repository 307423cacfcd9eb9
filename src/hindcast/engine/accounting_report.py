"""What the accounting proof found: a result carries it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountingReport:
    """The identities that were held against a run, and the largest relative deviation of each: rounding error."""

    deviations: tuple[tuple[str, float], ...]

    @property
    def largest(self) -> float:
        """The largest deviation of all, as a fraction of the money, or units, that the identity is about."""
        return max(deviation for _, deviation in self.deviations)
