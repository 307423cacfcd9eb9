(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const read = (id) => JSON.parse(byId(id).textContent);
  const all = (selector) => [...document.querySelectorAll(selector)];

  /* Light and dark. */
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const swap = new Map(Object.entries(read("colour-swap")));

  // A copy that Plotly may change, in other colours; long strings are numbers in base 64, long lists are data.
  const copied = (value, colours) => {
    if (typeof value === "string") return value.length < 40 ? colours.get(value) ?? value : value;
    if (Array.isArray(value)) return value.length < 24 ? value.map((inner) => copied(inner, colours)) : value;
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copied(inner, colours)]));
  };

  /* Figures, drawn when they come near the screen. */
  // Only these buttons: Plotly's own choice has one that sends the data of a figure to its maker.
  const options = {
    responsive: true,
    displaylogo: false,
    modeBarButtons: [["toImage", "zoom2d", "pan2d", "resetScale2d"]],
  };
  const sources = new Map();
  const drawn = new Set();
  const figureOf = (name) => {
    if (!sources.has(name)) sources.set(name, read(`figure-${name}`));
    return sources.get(name);
  };
  const nameOf = (plot) => (plot.dataset.figure === "candles" ? `candles-${byId("symbol")?.value ?? 0}` : plot.dataset.figure);
  const draw = (plot) => {
    const source = figureOf(nameOf(plot));
    const figure = copied(source, isDark() ? swap : new Map());
    const bar = plot.dataset.figure === "months" ? false : "hover";
    return Plotly.react(plot, figure.data, figure.layout, { ...options, displayModeBar: bar }).then(() => {
      if (!drawn.has(plot) && plot.dataset.figure === "candles") plot.on("plotly_relayout", fitPrices);
      drawn.add(plot);
    });
  };
  const plots = all(".plot");
  if ("IntersectionObserver" in window) {
    const watcher = new IntersectionObserver(
      (seen) => seen.filter((entry) => entry.isIntersecting).forEach((entry) => {
        watcher.unobserve(entry.target);
        draw(entry.target);
      }),
      { rootMargin: "600px" },
    );
    plots.forEach((plot) => watcher.observe(plot));
  } else {
    plots.forEach(draw);
  }
  const redraw = () => drawn.forEach((plot) => draw(plot));
  window.addEventListener("beforeprint", () => plots.filter((plot) => !drawn.has(plot)).forEach(draw));
  system.addEventListener("change", redraw);
  byId("theme").addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    redraw();
  });

  const choose = (group, chosen) =>
    [...group.querySelectorAll("button")].forEach((button) => button.setAttribute("aria-pressed", String(button === chosen)));

  all("[data-scale]").forEach((button) =>
    button.addEventListener("click", () => {
      choose(button.parentElement, button);
      const axis = figureOf("equity").layout.yaxis;
      axis.type = button.dataset.scale;
      axis.uirevision = button.dataset.scale;
      drawn.forEach((plot) => plot.dataset.figure === "equity" && draw(plot));
    }),
  );

  /* Candles: the axis of prices follows the stretch of time in view. */
  const candlePlot = document.querySelector('[data-figure="candles"]');
  const fitPrices = (change) => {
    if (change["xaxis.autorange"] || (!("xaxis.range[0]" in change) && !("xaxis.range" in change))) return;
    const [from, to] = candlePlot.layout.xaxis.range.map(String);
    if ("yaxis.range[0]" in change) return;
    let low = Infinity;
    let high = -Infinity;
    for (const trace of figureOf(nameOf(candlePlot)).data) {
      const lows = trace.low ?? trace.y;
      const highs = trace.high ?? trace.y;
      trace.x.forEach((when, place) => {
        if (when < from || when > to || lows[place] === null || highs[place] === null) return;
        low = Math.min(low, lows[place]);
        high = Math.max(high, highs[place]);
      });
    }
    if (low > high) return;
    const room = (high - low) * 0.06 || Math.abs(high) * 0.01 || 1;
    Plotly.relayout(candlePlot, { "yaxis.range": [low - room, high + room] });
  };
  const lastButtons = all("[data-last]");
  lastButtons.forEach((button) =>
    button.addEventListener("click", () => {
      if (!drawn.has(candlePlot)) return;
      choose(button.parentElement, button);
      const stamps = figureOf(nameOf(candlePlot)).data[0]?.x ?? [];
      const last = Number(button.dataset.last);
      if (!last || last >= stamps.length) {
        Plotly.relayout(candlePlot, { "xaxis.autorange": true, "yaxis.autorange": true });
      } else {
        const range = [stamps[stamps.length - last], stamps[stamps.length - 1]];
        Plotly.relayout(candlePlot, { "xaxis.range": range }).then(() => fitPrices({ "xaxis.range": range }));
      }
    }),
  );
  byId("symbol")?.addEventListener("change", () => {
    choose(lastButtons[0].parentElement, lastButtons.at(-1));
    if (!drawn.has(candlePlot)) return;
    figureOf(nameOf(candlePlot)).layout.uirevision = nameOf(candlePlot);
    draw(candlePlot);
  });

  /* Trades. */
  const trades = read("trade-data");
  const dash = "–";
  const minus = (text) => text.replace("-", "−");
  const decimals = (digits, most = digits) => {
    const format = new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: most });
    return (value) => (value === null ? dash : minus(format.format(value)));
  };
  const price = decimals(2, 4);
  const money = decimals(2);
  const amount = decimals(0, 4);
  const hundredths = decimals(2);
  const percent = (value) => (value === null ? dash : `${hundredths(value * 100)}%`);
  const midnight = (value) => value === null || value % 86400000 === 0;
  const allDays = [trades.closed, trades.open].every((table) => [...table.entry_time, ...table.exit_time].every(midnight));
  const stamp = (value) =>
    value === null ? dash : new Date(value).toISOString().slice(0, allDays ? 10 : 16).replace("T", " ");
  const tone = (value) => (value > 0 ? "gain" : value < 0 ? "loss" : "");
  const columns = [
    { name: "symbol", label: "Symbol", value: (table, row) => table.symbols[table.symbol[row]] },
    { name: "long", label: "Side", value: (table, row) => (table.long[row] ? "long" : "short") },
    { name: "quantity", label: "Quantity", show: amount },
    { name: "entry_time", label: "Entry", show: stamp, text: true },
    { name: "entry_price", label: "Entry price", show: price },
    { name: "exit_time", label: "Exit", show: stamp, text: true },
    { name: "exit_price", label: "Exit price", show: price },
    { name: "pnl", label: "Profit", show: money, tone },
    { name: "return", label: "Return", show: percent, tone },
    { name: "commission", label: "Commission", show: money },
    { name: "mae", label: "Worst", show: percent, title: "Worst excursion from the entry price (MAE)" },
    { name: "mfe", label: "Best", show: percent, title: "Best excursion from the entry price (MFE)" },
  ];
  const state = { which: "closed", sort: "exit_time", down: true, page: 0, size: 15, filter: "" };
  const cell = (column, table, row) => (column.value ? column.value(table, row) : table[column.name][row]);
  const isNumber = (column) => Boolean(column.show) && !column.text;
  let order = [];

  const arrange = () => {
    const table = trades[state.which];
    const column = columns.find((candidate) => candidate.name === state.sort);
    const wanted = state.filter.toLowerCase();
    order = table.symbol.map((_, row) => row);
    if (wanted) order = order.filter((row) => table.symbols[table.symbol[row]].toLowerCase().includes(wanted));
    const keys = table.symbol.map((_, row) => cell(column, table, row));
    const sign = state.down ? -1 : 1;
    order.sort((a, b) => {
      if (keys[a] === keys[b]) return sign * (a - b);
      if (keys[a] === null) return 1;
      if (keys[b] === null) return -1;
      return sign * (keys[a] < keys[b] ? -1 : 1);
    });
    state.page = 0;
  };

  const said = (table) => {
    const rows = table.symbol.length;
    if (!table.total) return state.which === "closed" ? "No trade was closed." : "Nothing was held at the end.";
    const held = rows < table.total
      ? `The last ${rows.toLocaleString("en-US")} of ${table.total.toLocaleString("en-US")}; the rest would make the page too large.`
      : `${rows.toLocaleString("en-US")} ${state.which === "closed" ? "closed round trips" : "lots, marked at the last close"}, first in, first out.`;
    return state.filter ? `${order.length.toLocaleString("en-US")} shown. ${held}` : held;
  };

  const showTrades = () => {
    const table = trades[state.which];
    const pages = Math.max(1, Math.ceil(order.length / state.size));
    state.page = Math.min(Math.max(state.page, 0), pages - 1);
    const body = byId("trade-table").tBodies[0];
    body.replaceChildren(
      ...order.slice(state.page * state.size, (state.page + 1) * state.size).map((row) => {
        const line = document.createElement("tr");
        for (const column of columns) {
          const value = cell(column, table, row);
          const box = line.insertCell();
          box.textContent = column.show ? column.show(value) : value;
          box.className = [isNumber(column) ? "number" : "", column.tone ? column.tone(value) : ""].join(" ").trim();
        }
        return line;
      }),
    );
    byId("trades-said").textContent = said(table);
    byId("page-said").textContent = `Page ${state.page + 1} of ${pages.toLocaleString("en-US")}`;
    byId("page-back").disabled = state.page === 0;
    byId("page-on").disabled = state.page >= pages - 1;
    for (const head of byId("trade-table").tHead.rows[0].cells) {
      if (head.dataset.name === state.sort) head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  };
  const rearrange = () => {
    arrange();
    showTrades();
  };

  const heads = byId("trade-table").tHead.insertRow();
  for (const column of columns) {
    const head = document.createElement("th");
    head.scope = "col";
    head.dataset.name = column.name;
    if (isNumber(column)) head.className = "number";
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = column.label;
    if (column.title) button.title = column.title;
    button.addEventListener("click", () => {
      state.down = state.sort === column.name ? !state.down : isNumber(column);
      state.sort = column.name;
      rearrange();
    });
    head.append(button);
    heads.append(head);
  }
  all("[data-trades]").forEach((button) =>
    button.addEventListener("click", () => {
      choose(button.parentElement, button);
      state.which = button.dataset.trades;
      rearrange();
    }),
  );
  byId("filter").addEventListener("input", (event) => {
    state.filter = event.target.value.trim();
    rearrange();
  });
  byId("page-size").addEventListener("change", (event) => {
    state.size = Number(event.target.value);
    state.page = 0;
    showTrades();
  });
  byId("page-back").addEventListener("click", () => { state.page -= 1; showTrades(); });
  byId("page-on").addEventListener("click", () => { state.page += 1; showTrades(); });

  // A cell that a spreadsheet would take for a formula starts with an apostrophe; numbers stay as they are.
  const csvCell = (value) => {
    if (value === null) return "";
    if (typeof value === "number") return String(value);
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  byId("download").addEventListener("click", () => {
    const table = trades[state.which];
    const raw = (column, row) => csvCell(column.text ? (table[column.name][row] === null ? null : new Date(table[column.name][row]).toISOString()) : cell(column, table, row));
    const names = columns.map((column) => (column.name === "long" ? "side" : column.name)).join(",");
    const lines = order.map((row) => columns.map((column) => raw(column, row)).join(","));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([[names, ...lines].join("\n") + "\n"], { type: "text/csv" }));
    link.download = `${state.which}-trades.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  rearrange();

  /* Definitions close with Escape, and open again when left and come back to. */
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") all(".metric").forEach((metric) => metric.classList.add("closed"));
  });
  all(".metric").forEach((metric) =>
    ["mouseleave", "blur"].forEach((leaving) => metric.addEventListener(leaving, () => metric.classList.remove("closed"))),
  );

  const copy = byId("copy");
  copy.addEventListener("click", () => {
    const told = (text) => {
      copy.textContent = text;
      setTimeout(() => { copy.textContent = "Copy"; }, 1500);
    };
    const byHand = () => {
      window.getSelection().selectAllChildren(byId("script"));
      told("Selected");
    };
    if (navigator.clipboard) navigator.clipboard.writeText(byId("script").textContent).then(() => told("Copied"), byHand);
    else byHand();
  });
})();
