"""From raw figures to ratios, a table and a picture."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import psutil

Round = dict[str, Any]
CLIENTS = (1, 8, 32)
# What design asks for: our figure over stock Rasa's, and whether smaller or larger is better.
BARS = {
    "latency_p50": ("<=", 1 / 3),
    "latency_p95": ("<=", 1 / 3),
    "throughput_1": (">=", 2.5),
    "throughput_8": (">=", 2.5),
    "throughput_32": (">=", 2.5),
    "memory": ("<=", 0.7),
    "turn400_over_turn10": ("<=", 1.5),
}


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of `values` do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def around(turns: Sequence[float], turn: int) -> float:
    """Median cost of the twenty turns around `turn`: each message of the list once, wherever one looks."""
    return median(turns[turn - 10 : turn + 10])


def summary(rounds: Sequence[Round], long_conversation: Sequence[float]) -> dict[str, float]:
    """One side's figures: medians over its rounds."""
    figures = {name: median(each[name] for each in rounds) for name in ("start_time", "memory")}
    figures["latency_p50"] = median(percentile(each["latencies"], 0.50) for each in rounds)
    figures["latency_p95"] = median(percentile(each["latencies"], 0.95) for each in rounds)
    for clients in CLIENTS:
        figures[f"throughput_{clients}"] = median(each[f"throughput_{clients}"] for each in rounds)
    for turn in (10, 100, 400):
        if len(long_conversation) >= turn + 10:
            figures[f"turn{turn}"] = around(long_conversation, turn)
    return figures


def ratios(ours: dict[str, float], stock: dict[str, float]) -> dict[str, float]:
    """Ours over stock for every figure both have, and our own turn 400 over turn 10."""
    found = {name: ours[name] / stock[name] for name in ours if name in stock and not name.startswith("turn")}
    if "turn400" in ours:
        found["turn400_over_turn10"] = ours["turn400"] / ours["turn10"]
    return {name: round(value, 3) for name, value in found.items()}


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    return {
        "processors": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "processor": platform.processor() or _processor_name(),
        "system": f"{platform.system()} {platform.release()}",
        "load_average_at_start": psutil.getloadavg()[0],
        "psutil": version("psutil"),
        "rasa": "3.6.21",
    }


def _processor_name() -> str:
    lines = (
        Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if Path("/proc/cpuinfo").exists()
        else []
    )
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )


def table(results: dict[str, Any]) -> str:
    """The figures as text, one a line."""
    lines = [f"{'':22}{'ours':>12}{'stock':>12}{'ratio':>9}  bar"]
    ours, stock, found = results["ours"], results["stock"], results["ratios"]
    for name in [*ours, *(name for name in found if name not in ours)]:
        ratio = found.get(name)
        sign, bar = BARS.get(name, ("", 0.0))
        met = "" if not sign or ratio is None else ("met" if (ratio <= bar) == (sign == "<=") else "NOT MET")
        lines.append(
            f"{name:22}{_number(ours.get(name)):>12}{_number(stock.get(name)):>12}"
            f"{'' if ratio is None else f'{ratio:.3f}':>9}  {f'{sign} {bar:.2f} {met}' if sign else ''}"
        )
    return "\n".join(lines)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value / 1e6:.1f} M" if value > 1e6 else f"{value:.4g}"


def plot(results: dict[str, Any], path: Path) -> None:
    """Left: what each message of one long conversation costs. Right: the ratios, with the bars."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (turns, bars) = pyplot.subplots(1, 2, figsize=(12, 4.5))
    for side in ("stock", "ours"):
        costs = [1000 * seconds for seconds in results["raw"]["long_conversation"].get(side, [])]
        turns.plot(range(1, len(costs) + 1), costs, label=side, linewidth=0.8)
    turns.set(
        xlabel="turn of one conversation", ylabel="milliseconds", title="Cost of a message", yscale="log"
    )
    turns.legend()
    found = results["ratios"]
    names = [name for name in found if name in BARS]
    bars.barh(names, [found[name] for name in names], color="steelblue")
    for row, name in enumerate(names):
        bars.plot([BARS[name][1]] * 2, [row - 0.4, row + 0.4], color="firebrick")
    bars.set(title="Ours over stock Rasa (red: the bar to meet)", xscale="log")
    bars.invert_yaxis()
    figure.tight_layout()
    figure.savefig(path, dpi=110)
