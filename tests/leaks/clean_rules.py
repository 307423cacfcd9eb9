"""Clean strategies: rules of a few lines that know nothing of later bars, however odd they look."""

from __future__ import annotations

import numpy as np
from tests.leaks.zoo import Zoo, above

import hindcast as hc
from hindcast.domain.signals import SignalType

CLEAN = Zoo()


@CLEAN.rule
def rolling_average(data):
    return above(data.close, data.close.rolling(5).mean())


@CLEAN.rule
def exponential_average(data):
    return above(data.close.ewm(span=5).mean(), data.close.ewm(span=20).mean())


@CLEAN.rule
def expanding_z_score(data):
    seen = data.close.expanding(20)
    score = (data.close - seen.mean()) / seen.std()
    return hc.Signals.from_entries((score < -1).to_numpy(), (score > 1).to_numpy())


@CLEAN.rule
def expanding_rank(data):
    return above(0.3, data.close.expanding(10).rank(pct=True))


@CLEAN.rule
def rolling_quantile(data):
    return above(data.volume, data.volume.rolling(20).quantile(0.9))


@CLEAN.rule
def breakout_of_earlier_highs_and_lows(data):
    high, low = data.high.rolling(10).max().shift(1), data.low.rolling(10).min().shift(1)
    return hc.Signals.from_entries((data.close > high).to_numpy(), (data.close < low).to_numpy())


@CLEAN.rule
def close_of_the_week_before(data):
    week = data.close.resample("W-FRI").last().shift(1)
    return above(data.close, week.reindex(data.index, method="bfill"))


@CLEAN.rule
def closed_weeks(data):
    """A week's close, labelled by its Friday, is known from that Friday on."""
    week = data.close.resample("W-FRI", label="right", closed="right").last()
    week = week[week.index <= data.index[-1]]
    return above(data.close, week.reindex(data.index, method="ffill").ffill())


@CLEAN.rule
def first_close_of_the_month(data):
    months = data.index.tz_localize(None).to_period("M")
    return above(data.close, data.close.groupby(months).transform("first"))


@CLEAN.rule
def mean_of_the_month_so_far(data):
    months = data.index.tz_localize(None).to_period("M")
    return above(data.close, data.close.groupby(months).expanding().mean().droplevel(0))


@CLEAN.rule
def first_day_of_the_month(data):
    first = np.zeros(data.shape, dtype=bool)
    first[1:] = np.asarray(data.index.month[1:] != data.index.month[:-1])[:, None]
    return hc.Signals.from_entries(first, np.broadcast_to(np.asarray(data.index.day == 15)[:, None], data.shape))


@CLEAN.rule
def mondays_and_fridays(data):
    weekday = np.broadcast_to(np.asarray(data.index.day_of_week)[:, None], data.shape)
    return hc.Signals.from_entries(weekday == 0, weekday == 4)


@CLEAN.rule
def drawdown_from_the_high_so_far(data):
    fall = data.close / data.close.cummax() - 1
    return hc.Signals.from_entries((fall < -0.05).to_numpy(), (fall == 0).to_numpy())


@CLEAN.rule
def gaps_filled_forwards(data):
    close = data.close.ffill()
    return above(close, close.shift(3))


@CLEAN.rule
def gaps_filled_with_zero(data):
    return above(data.close.pct_change(fill_method=None).fillna(0.0), 0.0)


@CLEAN.rule
def ranked_across_symbols(data):
    best = data.close.pct_change(10, fill_method=None).rank(axis=1)
    return hc.Signals.from_entries((best == 2).to_numpy(), (best == 1).to_numpy())


@CLEAN.rule
def spread_of_a_pair(data):
    ratio = np.log(data.close["AAA"].ffill() / data.close["BBB"].ffill())
    score = (ratio - ratio.rolling(20).mean()) / ratio.rolling(20).std()
    low, high = (score < -1).to_numpy(), (score > 1).to_numpy()
    return hc.Signals.from_entries(np.column_stack((low, high)), np.column_stack((high, low)))


@CLEAN.rule
def benchmark_joined_one_bar_late(data):
    moves = data.close["BBB"].pct_change(fill_method=None).shift(1).to_numpy()[:, None]
    return above(np.broadcast_to(moves, data.shape), 0.0)


@CLEAN.rule
def benchmark_from_outside_as_of_its_date(data):
    import pandas as pd

    days = pd.date_range("2019-12-01", periods=400, tz="UTC")
    outside = pd.Series(np.random.default_rng(3).normal(size=400), index=days)
    known = outside.shift(1).reindex(data.index).to_numpy()[:, None]
    return above(np.broadcast_to(known, data.shape), 0.0)


@CLEAN.rule
def splits_and_dividends_of_the_bar_itself(data):
    return hc.Signals.from_entries((data.dividend > 0).to_numpy(), (data.split > 1).to_numpy())


@CLEAN.rule
def ready_made_averages(data):
    return above(data.indicators["sma_10"], data.indicators["sma_30"])


@CLEAN.rule
def ready_made_volatility(data):
    calm = np.asarray(data.indicators["return_volatility_20d"]) < 0.02
    return hc.Signals.from_entries(calm & (np.asarray(data.indicators["daily_return"]) > 0), ~calm)


@CLEAN.rule
def target_weights_by_volatility(data):
    volatility = data.close.pct_change(fill_method=None).rolling(10).std()
    return (0.005 / volatility).clip(upper=0.5)


@CLEAN.rule
def target_weights_by_a_matrix(data):
    """Sums within a matrix product may be taken in another order where there are fewer rows."""
    moves = np.nan_to_num(data.close.pct_change(fill_method=None).to_numpy())
    known = np.column_stack([np.vstack((np.zeros((lag, 2)), moves[: len(moves) - lag])) for lag in range(1, 20)])
    told = known @ np.random.default_rng(0).normal(size=(known.shape[1], 2))
    return hc.Signals.from_targets(np.clip(0.3 + told, 0.0, 0.5))


@CLEAN.rule
def strength_and_brackets_by_range(data):
    reach = (data.high - data.low).rolling(10).mean()
    buy = (data.close > data.close.rolling(10).mean()).to_numpy() & reach.notna().to_numpy()
    strength = np.clip((reach / data.close * 20).to_numpy(), 0.1, 1.0)
    return hc.Signals.from_entries(
        buy,
        (data.close < data.close.rolling(20).mean()).to_numpy(),
        np.where(np.isnan(strength), 1.0, strength),
        stop_loss=(data.close - 2 * reach).to_numpy(),
        take_profit=(data.close + 3 * reach).to_numpy(),
        limit=(data.close * 0.999).to_numpy(),
    )


@CLEAN.rule
def numbers_beside_a_hold(data):
    """What stands in the cells of a HOLD decides nothing, whatever it was computed from."""
    side = above(data.close, data.close.rolling(5).mean()).side
    junk = np.broadcast_to(data.close.mean().to_numpy(), data.shape)
    return hc.Signals(side=side, limit=np.where(side == 0, junk, np.nan))


@CLEAN.rule
def random_numbers_with_a_seed(data):
    draws = np.random.default_rng(11).random(data.shape)
    return hc.Signals.from_entries(draws < 0.05, draws > 0.95)


@CLEAN.rule
def normal_random_numbers_bar_by_bar(data):
    draw = np.random.default_rng(5)
    side = np.zeros(data.shape, dtype=np.int8)
    for bar in range(len(data)):
        for symbol in range(data.shape[1]):
            side[bar, symbol] = int(draw.normal() > 1.5)
    return hc.Signals(side=side)


@CLEAN.rule
def a_regression_on_what_was_known(data):
    moves = data.close.pct_change(fill_method=None).fillna(0.0).to_numpy()
    side = np.zeros(data.shape, dtype=np.int8)
    for bar in range(30, len(data), 10):
        for symbol in range(data.shape[1]):
            slope, level = np.polyfit(moves[bar - 30 : bar - 1, symbol], moves[bar - 29 : bar, symbol], 1)
            side[bar, symbol] = 1 if slope * moves[bar, symbol] + level > 0 else 2
    return hc.Signals(side=side)


@CLEAN.rule
def trained_once_on_the_first_bars(data):
    close = data.close.iloc[:60]
    level = (close.mean() + close.std()).to_numpy()
    side = np.where(data.panel.close > level, 1, 0).astype(np.int8)
    side[:60] = 0
    return hc.Signals(side=side)


@CLEAN.rule
def a_filter_run_forwards(data):
    level = np.zeros(data.shape)
    known = np.array([np.nan, np.nan])
    for bar, close in enumerate(data.panel.close):
        known = np.where(np.isnan(known), close, np.where(np.isnan(close), known, known + 0.2 * (close - known)))
        level[bar] = known
    return above(data.close, level)


@CLEAN.rule
def dictionaries_and_lists_as_state(data):
    held: dict[str, int] = {}
    seen: list[float] = []
    found = []
    for bar, stamp in enumerate(data.index):
        for place, symbol in enumerate(data.symbols):
            price = data.panel.close[bar, place]
            seen.append(price)
            if symbol not in held and price > np.nanmean(seen[-20:]):
                held[symbol] = bar
                kind = SignalType.BUY
            elif symbol in held and bar - held[symbol] >= 7:
                del held[symbol]
                kind = SignalType.SELL
            else:
                continue
            found.append(hc.StrategySignal(symbol=symbol, signal_type=kind, timestamp=stamp.to_pydatetime()))
    return found


@CLEAN.rule
def polars_columns(data):
    import polars as pl

    frame = pl.DataFrame({name: data.panel.close[:, place] for place, name in enumerate(data.symbols)})
    fast = frame.select(pl.all().fill_nan(None).forward_fill().rolling_mean(5)).to_numpy()
    slow = frame.select(pl.all().fill_nan(None).forward_fill().ewm_mean(span=20)).to_numpy()
    return above(fast, slow)


@CLEAN.rule
def bands_and_oscillators(data):
    from hindcast.engine.indicators import bollinger_bands, rsi

    bands = bollinger_bands(data.panel.close, 10)
    strong = rsi(data.panel.close, 10)
    return hc.Signals.from_entries((data.panel.close < bands.lower) & (strong < 45), data.panel.close > bands.upper)


@CLEAN.rule
def nothing_at_all(data):
    return hc.Signals.hold(data.shape)
