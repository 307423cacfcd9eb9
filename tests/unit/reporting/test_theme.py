from __future__ import annotations

from dataclasses import fields

import pytest

from hindcast.reporting.theme import DARK, LIGHT, Palette, colour_swap, css_variables, palette


def luminance(colour):
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_each_colour_of_a_palette_is_written_differently(colours):
    values = [getattr(colours, field.name) for field in fields(Palette)]
    assert len(set(values)) == len(values)


def test_every_light_colour_has_its_dark_one():
    assert len(colour_swap()) == len(fields(Palette))
    assert colour_swap()[LIGHT.gain] == DARK.gain
    assert palette("dark") is DARK


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("text", ["ink", "muted", "gain", "loss", "strategy"])
@pytest.mark.parametrize("ground", ["surface", "page", "raised"])
def test_text_stands_out_from_what_it_stands_on(colours, text, ground):
    assert contrast(getattr(colours, text), getattr(colours, ground)) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_is_readable_on_cautions_and_on_the_heat_map(colours):
    assert contrast(colours.caution, colours.caution_soft) >= 4.5
    for cell in (colours.heat_low, colours.heat_high, colours.neutral):
        assert contrast(colours.ink, cell) >= 4.5


def test_css_gets_every_colour_as_a_variable():
    assert f"--caution-soft: {LIGHT.caution_soft};" in css_variables(LIGHT)
    assert css_variables(LIGHT).count("--") == len(fields(Palette))
