"""European options on a stock, from its daily prices, in plain NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

TRADING_DAYS = 252
"""Per year."""

NUMERATOR = (
    3.52624965998911e-02, 0.700383064443688, 6.37396220353165, 33.912866078383,
    112.079291497871, 221.213596169931, 220.206867912376,
)  # fmt: skip
DENOMINATOR = (
    8.83883476483184e-02, 1.75566716318264, 16.064177579207, 86.7807322029461,
    296.564248779674, 637.333633378831, 793.826512519948, 440.413735824752,
)  # fmt: skip
"""Of the tail of the normal distribution, highest power first: J. F. Hart et al., Computer
Approximations, Wiley, 1968, algorithm 5666, as given by G. West, "Better approximations to
cumulative normal functions", Wilmott Magazine, May 2005, 70-76."""


def option_book(
    close: Any, strikes: Any, years: Any, rate: float = 0.03, window: int = 21
) -> tuple[Any, Any, Any]:
    """Prices of calls and puts for each day, time to expiry and strike; volatility for each day.

    `close`: daily prices, shape (days,); `strikes`: shape (strikes,); `years`: to expiry, shape
    (expiries,); `rate`: of interest, continuously compounded. Volatility is that of the `window`
    daily returns before; the first `window` days have none and are left out. Shapes (days - window,
    expiries, strikes), the same, and (days - window,).

    The formula of F. Black and M. Scholes, "The pricing of options and corporate liabilities",
    Journal of Political Economy 81(3), 637-654, 1973; puts by put-call parity.
    """
    volatility = rolling_volatility(close, window)
    spot = close[window:, None, None]
    sigma = volatility[:, None, None]
    expiry = years[:, None]
    spread = sigma * np.sqrt(expiry)
    d1 = (np.log(spot / strikes) + (rate + sigma * sigma / 2) * expiry) / spread
    discounted = strikes * np.exp(-rate * expiry)
    call = spot * normal_cdf(d1) - discounted * normal_cdf(d1 - spread)
    return call, call - spot + discounted, volatility


def rolling_volatility(close: Any, window: int) -> Any:
    """Yearly standard deviation of the logarithmic returns in each `window` days."""
    returns = np.log(close[1:] / close[:-1])
    days = returns.shape[0] - window + 1
    parts = [returns[i : i + days] for i in range(window)]
    mean = sum(parts) / window
    squares = sum((part - mean) * (part - mean) for part in parts)
    return np.sqrt(squares / (window - 1) * TRADING_DAYS)


def normal_cdf(x: Any) -> Any:
    """Probability that a standard normal variable is below x; absolute error below 1e-14."""
    a = np.minimum(np.abs(x), 37.0)
    density = np.exp(-0.5 * a * a)
    near = density * horner(NUMERATOR, a) / horner(DENOMINATOR, a)
    fraction = a + 1 / (a + 2 / (a + 3 / (a + 4 / (a + 0.65))))
    far = density / fraction / 2.506628274631
    tail = np.where(a < 7.07106781186547, near, far)
    return np.where(x > 0, 1 - tail, tail)


def horner(coefficients: tuple[float, ...], x: Any) -> Any:
    """The polynomial with these coefficients, highest power first."""
    y = coefficients[0] * x + coefficients[1]
    for coefficient in coefficients[2:]:
        y = y * x + coefficient
    return y
