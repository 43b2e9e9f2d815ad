"""Real weekly series: those inside Python packages of requirements/bench.in, and the wholesale data.

The wholesale file is read from TEST_DATA_DIR; without it those series are left out, and the output says so.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

SHORTEST = 40
Series = dict[str, list[float]]


def collect() -> Series:
    """{"family/name": weekly values, oldest first}, only whole weeks, at least 40 of them."""
    found: Series = {}
    for part in (_finance, _weather, _commits, _carbon, _wholesale):
        found |= {name: values for name, values in part().items() if _usable(values)}
    return found


def _usable(values: list[float]) -> bool:
    return len(values) >= SHORTEST and float(np.std(values)) > 0


def _weekly(series: Any, how: str) -> list[float]:
    """Whole weeks to Sunday; the first and the last may be cut off and are left out."""
    weeks = getattr(series.resample("W-SUN"), how)().iloc[1:-1]
    return [float(value) for value in weeks if not np.isnan(value)]


def _finance() -> Series:
    import arch.data.nasdaq
    import arch.data.sp500
    import arch.data.vix
    import arch.data.wti
    from bokeh_sampledata import stocks
    from pmdarima.datasets import load_msft

    found: Series = {}
    for name, module in (("S&P 500", arch.data.sp500), ("Nasdaq", arch.data.nasdaq)):
        days = module.load()
        found[f"finance/{name}"] = _weekly(days["Adj Close"], "last")
        found[f"finance/{name}, volume"] = _weekly(days["Volume"], "sum")
    for name, module in (("VIX", arch.data.vix), ("WTI", arch.data.wti)):
        found[f"finance/{name}"] = _weekly(module.load().iloc[:, 0].astype(float), "mean")
    frames = {name: pd.DataFrame(getattr(stocks, name)) for name in ("AAPL", "FB", "GOOG", "IBM")}
    frames["MSFT"] = load_msft().rename(columns=str.lower)
    for name, frame in frames.items():
        days = frame.set_index(pd.to_datetime(frame["date"]))
        found[f"finance/{name}"] = _weekly(days["close"], "last")
        found[f"finance/{name}, volume"] = _weekly(days["volume"].astype(float), "sum")
    return found


def _weather() -> Series:
    from bokeh_sampledata.sea_surface_temperature import sea_surface_temperature
    from vega_datasets import local_data

    frame = local_data.seattle_weather()
    days = frame.set_index(pd.to_datetime(frame["date"]))
    columns = ("precipitation", "temp_max", "temp_min", "wind")
    found = {f"weather/{name}": _weekly(days[name], "mean") for name in columns}
    found["weather/days with rain"] = _weekly((days["precipitation"] > 0).astype(float), "sum")
    sea = sea_surface_temperature.iloc[:, 0]
    sea.index = pd.to_datetime(sea.index, utc=True)
    return found | {"weather/sea": _weekly(sea, "mean")}


def _commits() -> Series:
    from bokeh_sampledata.commits import data

    moments = pd.to_datetime(data.index, utc=True)
    return {"activity/commits of a project": _weekly(pd.Series(1.0, index=moments).sort_index(), "sum")}


def _carbon() -> Series:
    from statsmodels.datasets import co2

    return {"nature/CO2": [float(value) for value in co2.load_pandas().data["co2"].interpolate()]}


def _wholesale() -> Series:
    path = Path(os.environ.get("TEST_DATA_DIR", "")) / "wholesale_invoices.csv"
    if not path.is_file():
        print("The wholesale series are LEFT OUT: TEST_DATA_DIR names no folder with wholesale_invoices.csv.")
        return {}
    lines = pd.read_csv(path, dtype={"InvoiceNo": str})
    lines = lines.set_index(pd.to_datetime(lines["InvoiceDate"], format="%m/%d/%Y %H:%M")).sort_index()
    lines = lines[~lines["InvoiceNo"].str.startswith("A")]
    cancelled = lines["InvoiceNo"].str.startswith("C")
    sold, money = lines[~cancelled & (lines["Quantity"] > 0)], lines["Quantity"] * lines["UnitPrice"]
    known = sold[sold["CustomerID"] != "(blank)"]
    found = {
        "active accounts": _trading(known["CustomerID"], "nunique"),
        "invoices": _trading(sold["InvoiceNo"], "nunique"),
        "revenue": _trading(money, "sum"),
        "units": _trading(lines["Quantity"].astype(float), "sum"),
    }
    for country, part in lines.groupby("Country"):
        if len(part) > 150:
            found[f"revenue, {country}"] = _trading(money[lines["Country"] == country], "sum")
    for hour, part in sold.groupby(sold.index.hour):
        if len(part) > 300:
            found[f"invoices at {hour} h"] = _trading(part["InvoiceNo"], "nunique")
    for day, part in sold.groupby(sold.index.dayofweek):
        found[f"invoices on day {day}"] = _trading(part["InvoiceNo"], "nunique")
    return {f"wholesale/{name}": values for name, values in found.items()}


def _trading(series: Any, how: str) -> list[float]:
    """Weeks with trade: the closure at the turn of the year is a gap, not zero."""
    return [value for value in _weekly(series, how) if value != 0]
