"""The domain's Portfolio keeps the same books as the compiled ledger, on random runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from tests.oracle.inputs import Case, cases

from hindcast.domain.orders import Fill, Order, OrderSide, OrderStatus, OrderType, TimeInForce, Trade
from hindcast.domain.portfolio import Portfolio
from hindcast.engine.bars import Bars
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.trade_engine import TradeEngine
from hindcast.services.backtest.tables import run_tables

YEAR = timedelta(days=365)


def run(case: Case) -> PortfolioHistory:
    return TradeEngine().simulate(case.signals, case.bars, case.config, warm_up=case.warm_up)


def moment(stamp: np.datetime64) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(stamp.astype("i8")) // 1_000)


def given_number(value: float) -> float | None:
    return float(value) if isfinite(value) else None


def rows(columns: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def as_fill(row: Mapping[str, Any]) -> Fill:
    return Fill(
        timestamp=moment(row["timestamp"]),
        symbol=row["symbol"],
        side=OrderSide(row["side"]),
        quantity=row["quantity"],
        price=row["price"],
        commission=row["commission"],
        slippage=row["slippage"],
        order_id=row["order_id"] or None,
        reason=row["reason"],
        ambiguous=row["ambiguous"],
    )


def as_order(row: Mapping[str, Any]) -> Order:
    return Order(
        order_id=row["order_id"],
        parent_id=row["parent_id"] or None,
        symbol=row["symbol"],
        side=OrderSide(row["side"]) if row["side"] else None,
        order_type=OrderType(row["type"]),
        quantity=given_number(row["quantity"]),
        filled_quantity=row["filled_quantity"],
        limit_price=given_number(row["limit"]),
        stop_price=given_number(row["stop"]),
        time_in_force=TimeInForce(row["time_in_force"]),
        status=OrderStatus(row["status"]),
        reason=row["reason"],
        created_at=moment(row["created_at"]),
        closed_at=None if np.isnat(row["closed_at"]) else moment(row["closed_at"]),
    )


def as_trade(row: Mapping[str, Any]) -> Trade:
    return Trade(
        symbol=row["symbol"],
        side=row["side"],
        quantity=row["quantity"],
        entry_time=moment(row["entry_time"]),
        entry_price=row["entry_price"],
        exit_time=moment(row["exit_time"]),
        exit_price=row["exit_price"],
        pnl=row["pnl"],
        commission=row["commission"],
        mae=given_number(row["mae"]),
        mfe=given_number(row["mfe"]),
    )


def act(books: Portfolio, bars: Bars, t: int) -> None:
    """The corporate actions of a bar: splits, then dividends."""
    for s, symbol in enumerate(bars.symbols):
        if bars.panel.split is not None and not bars.adjusted:
            books.apply_split(symbol, float(bars.panel.split[t, s]))
        if bars.panel.dividend is not None and not bars.adjusted:
            books.apply_dividend(symbol, float(bars.panel.dividend[t, s]))


def interest(books: Portfolio, case: Case, since: timedelta) -> float:
    """What borrowing costs over a time, by the books as they stand at its start."""
    shorted = -sum(min(position.market_value, 0.0) for position in books.positions.values())
    owed = -min(books.cash, 0.0)
    return (case.config.borrow_rate * shorted + case.config.margin_rate * owed) * (since / YEAR)


def scale_of(history: PortfolioHistory) -> float:
    """Starting equity, traded notional and the largest books: what rounding is measured against."""
    notional = float(np.sum(history.fills["quantity"] * history.fills["price"]))
    return history.initial_capital + notional + float(np.max(np.abs(history.gross_exposure), initial=0.0))


def assert_same_books(case: Case) -> None:
    bars, history = case.bars, run(case)
    records = [as_fill(row) for row in rows(run_tables(history, bars)["fills"])]
    books = Portfolio(case.config.initial_capital)
    moments = [moment(stamp) for stamp in bars.timestamps.view("M8[ns]")]
    allowed = 1e-9 * scale_of(history)
    realised = financing = 0.0
    traded = dict.fromkeys(bars.symbols, 0.0)
    for t, close in enumerate(bars.panel.close.tolist()):
        if not 0 <= history.ruined_at < t:
            due = interest(books, case, moments[t] - moments[t - 1]) if t else 0.0
            act(books, bars, t)
            books.adjust_cash(-due)
            financing += due
        for index in np.flatnonzero(history.fills["bar"] == t):
            fill, theirs = records[index], history.fills[index]
            traded[fill.symbol] += fill.quantity
            gained = books.apply_fill(fill)
            held = books.positions.get(fill.symbol)
            realised += float(theirs["realised"])
            assert gained == pytest.approx(theirs["realised"], rel=1e-9, abs=allowed)
            assert (held is None) == (theirs["position"] == 0.0)
            if held is not None:
                assert held.quantity == pytest.approx(theirs["position"], rel=1e-9, abs=1e-9 * traded[fill.symbol])
                assert held.average_cost == pytest.approx(theirs["average_cost"], rel=1e-9)
        books.update_prices(dict(zip(bars.symbols, close, strict=True)), moments[t])
        assert books.timestamp == moments[t]
        assert books.cash == pytest.approx(history.cash[t], rel=1e-9, abs=allowed)
        assert books.total_equity == pytest.approx(history.equity[t], rel=1e-9, abs=allowed)
        assert books.total_market_value == pytest.approx(history.net_exposure[t], rel=1e-9, abs=allowed)
        assert books.total_realized_pnl == pytest.approx(realised, rel=1e-9, abs=allowed)
    assert books.total_commission == pytest.approx(float(np.sum(history.fills["commission"])), rel=1e-9, abs=allowed)
    assert books.total_dividends == pytest.approx(history.total_dividends, rel=1e-9, abs=allowed)
    assert financing == pytest.approx(history.total_financing, rel=1e-9, abs=allowed)


@settings(max_examples=200)
@given(cases())
def test_the_portfolio_keeps_the_books_of_the_ledger(case: Case) -> None:
    assert_same_books(case)


@pytest.mark.slow
@settings(max_examples=3_000)
@given(cases(max_bars=40))
def test_the_portfolio_keeps_the_books_of_the_ledger_on_thousands_of_runs(case: Case) -> None:
    assert_same_books(case)


@settings(max_examples=100)
@given(cases())
def test_every_order_and_trade_of_a_run_is_a_record_that_can_be(case: Case) -> None:
    tables = run_tables(run(case), case.bars)
    for row in rows(tables["orders"]):
        order = as_order(row)
        assert order.is_open == np.isnat(row["closed_at"])
    for row in [*rows(tables["trades"]), *rows(tables["open_trades"])]:
        assert as_trade(row).return_on_entry == pytest.approx(row["return"], rel=1e-9, abs=1e-12)
