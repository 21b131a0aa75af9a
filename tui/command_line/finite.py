"""Numbers that are none: `nan` is within every bound, and `inf` beyond what a clock can wait for."""

import math

import typer

from tui.command_line.problems import BadUsage

MOST = 1e9
"""Seconds, or times as fast: thirty years are enough."""


def finite(parameter: typer.CallbackParam, value: float | None) -> float | None:
    """For an option of type float. Raises `BadUsage`."""
    if value is not None and not (math.isfinite(value) and abs(value) <= MOST):
        option = (parameter.name or "").replace("_", "-")
        raise BadUsage(f"--{option}: {value:g} is no number that can be used")
    return value
