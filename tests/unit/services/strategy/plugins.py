"""Plug-in files for tests."""

from __future__ import annotations

from pathlib import Path


def write_plugin(folder: Path, name: str, body: str = "", *, generate: str = "", config: str = "") -> Path:
    """A vectorised strategy `name` in `name.py`; `generate` is the body of generate_signals."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.py"
    lines = (generate or "return hc.Signals.hold(data.shape)").splitlines()
    fields = (config or "window: int = 5").splitlines()
    file.write_text(
        "\n".join(
            [
                '"""A plug-in of a test."""',
                "import numpy as np",
                "from pydantic import Field",
                "import hindcast as hc",
                body,
                "class Mine(hc.BaseStrategy):",
                f'    """What {name} does."""',
                f"    STRATEGY_TYPE = {name!r}",
                "    class Config(hc.StrategyConfig):",
                *(f"        {line}" for line in fields),
                "    def generate_signals(self, data):",
                *(f"        {line}" for line in lines),
                "",
            ]
        )
    )
    return file
