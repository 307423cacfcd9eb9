"""The colours of figures and page, once for light and once for dark: the page swaps one set for the other."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Literal

ThemeName = Literal["light", "dark"]

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif'


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colours by what they mean; within one palette each is written differently, so that swapping is unambiguous."""

    page: str
    surface: str
    raised: str
    ink: str
    muted: str
    line: str
    grid: str
    strategy: str
    strategy_soft: str
    benchmark: str
    gain: str
    loss: str
    loss_soft: str
    neutral: str  # the middle of diverging scales
    candle_up: str
    candle_down: str
    heat_low: str  # ends of the heat map's scale, pale enough for text in ink
    heat_high: str
    caution: str
    caution_soft: str
    series_2: str
    series_3: str
    series_4: str
    series_5: str
    series_6: str
    series_7: str
    series_8: str

    @property
    def series(self) -> tuple[str, ...]:
        """Eight colours for curves that are laid over each other; the first is the strategy's."""
        return (self.strategy, *(str(getattr(self, f"series_{place}")) for place in range(2, 9)))


LIGHT = Palette(
    page="#f5f6f8",
    surface="#ffffff",
    raised="#fbfbfd",
    ink="#151a23",
    muted="#566072",
    line="#e2e5eb",
    grid="#eceef2",
    strategy="#2456d3",
    strategy_soft="rgba(36, 86, 211, 0.14)",
    benchmark="#8a93a3",
    gain="#0b7f66",
    loss="#c63348",
    loss_soft="rgba(198, 51, 72, 0.16)",
    neutral="#f3f4f7",
    candle_up="#5ea896",
    candle_down="#d3838e",
    heat_low="#ea929e",
    heat_high="#6fc3ae",
    caution="#8a5a00",
    caution_soft="#fff6e0",
    series_2="#c2410c",
    series_3="#0f766e",
    series_4="#7c3aed",
    series_5="#be185d",
    series_6="#4d7c0f",
    series_7="#0369a1",
    series_8="#854d0e",
)

DARK = Palette(
    page="#0d1117",
    surface="#151b24",
    raised="#1a212c",
    ink="#e8ebf1",
    muted="#9aa5b6",
    line="#29313d",
    grid="#222a35",
    strategy="#7ea6ff",
    strategy_soft="rgba(126, 166, 255, 0.16)",
    benchmark="#7d8798",
    gain="#3cc9a7",
    loss="#ff7d8b",
    loss_soft="rgba(255, 125, 139, 0.18)",
    neutral="#1f2733",
    candle_up="#2f9d85",
    candle_down="#c25966",
    heat_low="#8f3442",
    heat_high="#1a7462",
    caution="#f0c36a",
    caution_soft="#2a2416",
    series_2="#fb923c",
    series_3="#2dd4bf",
    series_4="#b794f6",
    series_5="#f472b6",
    series_6="#a3e635",
    series_7="#38bdf8",
    series_8="#d6a35c",
)


def palette(theme: ThemeName) -> Palette:
    """The palette of a theme's name."""
    return DARK if theme == "dark" else LIGHT


def colour_swap() -> dict[str, str]:
    """Light colour → dark colour of the same meaning."""
    return {str(getattr(LIGHT, field.name)): str(getattr(DARK, field.name)) for field in fields(Palette)}


def css_variables(colours: Palette) -> str:
    """The palette as CSS custom properties: `--ink: #151a23; …`."""
    return " ".join(f"--{name.replace('_', '-')}: {value};" for name, value in asdict(colours).items())
