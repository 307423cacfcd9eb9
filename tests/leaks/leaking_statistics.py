"""Planted leaks: statistics, fits, filters and resampling that take in later bars."""

from __future__ import annotations

import numpy as np
from tests.leaks.zoo import Zoo, above

import hindcast as hc

LEAKS = Zoo()


@LEAKS.rule
def centred_average(data):
    return above(data.close, data.close.rolling(5, center=True, min_periods=1).mean())


@LEAKS.rule
def average_of_the_coming_week(data):
    return above(data.close.rolling(5).mean().shift(-5), data.close)


@LEAKS.rule
def average_run_backwards(data):
    return above(data.close.iloc[::-1].ewm(span=10).mean().iloc[::-1], data.close)


@LEAKS.rule
def convolution_of_the_same_length(data):
    close = np.nan_to_num(data.panel.close, nan=100.0)
    smooth = np.column_stack([np.convolve(column, np.ones(5) / 5, mode="same") for column in close.T])
    return above(close, smooth)


@LEAKS.rule
def gradient_between_neighbours(data):
    return above(np.gradient(np.nan_to_num(data.panel.close, nan=100.0), axis=0), 0.0)


@LEAKS.rule
def smoothed_by_frequencies(data):
    close = np.nan_to_num(data.panel.close, nan=100.0)
    spectrum = np.fft.rfft(close, axis=0)
    spectrum[8:] = 0.0
    return above(close, np.fft.irfft(spectrum, n=len(close), axis=0))


@LEAKS.rule
def filtered_forwards_and_backwards(data):
    close = data.close.ffill().bfill()
    return above(close, close.ewm(span=5).mean().iloc[::-1].ewm(span=5).mean().iloc[::-1])


@LEAKS.rule
def z_score_of_the_whole_sample(data):
    score = (data.close - data.close.mean()) / data.close.std()
    return hc.Signals.from_entries((score < -1).to_numpy(), (score > 1).to_numpy())


@LEAKS.rule
def scaled_between_minimum_and_maximum(data):
    close = data.close
    scaled = (close - close.min()) / (close.max() - close.min())
    return hc.Signals.from_entries((scaled < 0.2).to_numpy(), (scaled > 0.8).to_numpy())


@LEAKS.rule
def mean_of_the_whole_sample(data):
    return above(data.close.mean() + 0 * data.close, data.close)


@LEAKS.rule
def deviation_of_the_whole_sample(data):
    moves = data.close.pct_change(fill_method=None)
    return hc.Signals.from_entries((moves < -moves.std()).to_numpy(), (moves > moves.std()).to_numpy())


@LEAKS.rule
def deviation_of_the_whole_sample_under_an_expanding_mean(data):
    close = data.close
    return above((close - close.expanding().mean()) / close.std(), 0.5)


@LEAKS.rule
def quantile_of_the_whole_sample(data):
    return above(data.volume, data.volume.quantile(0.8) + 0 * data.volume)


@LEAKS.rule
def rank_in_the_whole_sample(data):
    return above(0.25, data.close.rank(pct=True))


@LEAKS.rule
def filled_backwards(data):
    weekly = data.close.iloc[4::5].reindex(data.index)
    return above(weekly.bfill(), data.close)


@LEAKS.rule
def interpolated(data):
    weekly = data.close.iloc[::5].reindex(data.index)
    return above(weekly.interpolate(), data.close)


@LEAKS.rule
def close_of_the_week_known_on_monday(data):
    week = data.close.resample("W-SUN", label="left", closed="right").last()
    return above(week.reindex(data.index, method="ffill"), data.close)


@LEAKS.rule
def close_of_the_month_known_on_each_of_its_days(data):
    months = data.index.tz_localize(None).to_period("M")
    return above(data.close.groupby(months).transform("last"), data.close)


@LEAKS.rule
def mean_of_the_month_known_on_each_of_its_days(data):
    months = data.index.tz_localize(None).to_period("M")
    return above(data.close, data.close.groupby(months).transform("mean"))


@LEAKS.rule
def joined_with_the_next_weekly_close(data):
    import pandas as pd

    close = data.close["AAA"].ffill().rename("close")
    weekly = close.iloc[4::5].rename("weekly").reset_index()
    joined = pd.merge_asof(close.reset_index(), weekly, on="timestamp", direction="forward")
    known = np.column_stack([joined["weekly"].to_numpy()] * 2)
    return above(known, np.column_stack([joined["close"].to_numpy()] * 2))


@LEAKS.rule
def a_line_through_everything(data):
    close = np.nan_to_num(data.panel.close, nan=100.0)
    bars = np.arange(len(close))
    line = np.column_stack([np.polyval(np.polyfit(bars, column, 1), bars) for column in close.T])
    return above(line, close)


@LEAKS.rule
def a_regression_on_everything(data):
    moves = data.close.pct_change(fill_method=None).fillna(0.0).to_numpy()
    side = np.zeros(data.shape, dtype=np.int8)
    for symbol in range(data.shape[1]):
        known = np.column_stack((moves[:-1, symbol], np.abs(moves[:-1, symbol]), np.ones(len(moves) - 1)))
        fit, *_ = np.linalg.lstsq(known, moves[1:, symbol], rcond=None)
        told = np.column_stack((moves[:, symbol], np.abs(moves[:, symbol]), np.ones(len(moves)))) @ fit
        side[:, symbol] = np.where(told > 0, 1, 2)
    return hc.Signals(side=side)


@LEAKS.rule
def window_chosen_on_the_whole_sample(data):
    close = data.close.ffill().bfill()
    moves = close.pct_change(fill_method=None).shift(-1)
    made = {window: float(moves.where(close > close.rolling(window).mean()).sum().sum()) for window in range(2, 40)}
    return above(close, close.rolling(max(made, key=lambda window: made[window])).mean())


@LEAKS.rule
def sorted_prices(data):
    close = np.nan_to_num(data.panel.close, nan=100.0)
    return above(np.sort(close, axis=0), close)


@LEAKS.rule
def cumulative_from_the_end(data):
    moves = data.close.pct_change(fill_method=None).fillna(0.0)
    to_come = moves.iloc[::-1].cumsum().iloc[::-1] - moves
    return above(to_come, 0.0)


@LEAKS.rule
def lowest_price_still_to_come(data):
    low = np.minimum.accumulate(np.nan_to_num(data.panel.low, nan=1e9)[::-1], axis=0)[::-1]
    return hc.Signals.from_entries(data.panel.low <= low, data.panel.low > low * 1.05)


@LEAKS.rule
def cleaned_of_outliers_that_later_bars_define(data):
    moves = data.close.pct_change(fill_method=None)
    lower, upper = moves.quantile(0.02), moves.quantile(0.98)
    clean = moves.clip(lower, upper, axis=1)
    return hc.Signals.from_targets((clean.fillna(0.0) * 10).clip(0, 1).to_numpy())
