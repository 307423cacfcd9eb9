"""An order type of one's own: what it fills, and at which price, is a small class."""

from __future__ import annotations

import hindcast as hc


class MidpointOrder(hc.OrderExecutor):
    """Fills at the middle of the bar, if that is no worse than the limit, a share of the bar's volume at a time."""

    order_type = "midpoint"

    def execute(self, order, bar, portfolio) -> hc.Execution | None:
        middle = (bar.high + bar.low) / 2
        if order.limit is not None and middle > order.limit:
            return None
        most = order.parameters["share_of_volume"] * bar.volume
        return hc.Execution(middle, min(order.remaining, most))


class MonthlySaver(hc.EventStrategy):
    """Buys for the same amount of money every 21 bars, patiently."""

    STRATEGY_TYPE = "monthly_saver"
    executors = (MidpointOrder(),)

    def on_bar(self, context: hc.Context) -> None:
        if context.index % 21:
            return
        for symbol in context.symbols:
            price = context.bars.close[symbol][-1]
            context.submit(
                "midpoint",
                symbol,
                "buy",
                quantity=400 / price,
                limit=price * 1.01,
                parameters={"share_of_volume": 1e-10},
                time_in_force="GTD",
                good_till=context.timestamp.replace(year=context.timestamp.year + 1),
                tag="savings",
            )


bars = hc.load_bars(["SPX"], provider="sample", start="1999-01-04", end="2003-12-31")
result = hc.run_backtest(MonthlySaver, bars)
fills = result.fills
print(f"{len(result.orders)} midpoint orders made {len(fills)} fills, {fills['quantity'].sum():.2f} units in all")
print(result.orders.groupby(["type", "status"]).size().to_string())
print(f"equity {result.equity.iloc[-1]:,.2f}")
