# SPDX-License-Identifier: GPL-3.0-or-later
"""Every script of `figures/` on real sweeps, and the numbers that they draw."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from conftest import opened

import driftfield_analysis as da
from driftfield_analysis import figures, histograms, scaling

SCRIPTS = Path(__file__).resolve().parents[1] / "figures"

# Script, sweep, further arguments, words in the figure and words that are printed.
CASES = [
    (
        "phase_transition", "transition", [],
        ["⟨|m|⟩", "V(⟨m2⟩−⟨|m|⟩2)", "U4", "L=8", "m2=−4", "λ"], ["L = 6, 8"],
    ),
    (
        "finite_size_scaling", "transition", ["--nu", "1", "--degree", "3"],
        ["(λ−λc)L1/ν", "χ2L−γ/ν", "⟨|m|⟩Lβ/ν", "L=4", "ν=1"], ["abs_m: lambda_c ="],
    ),
    ("correlator", "transport", [], ["G(t)", "meff(t)", "nets", "hmc"], []),
    ("correlator", "weighted", ["--sampler", "hmc"], ["G(t)", "m2=−1,λ=1", "hmc"], []),
    (
        "magnetization_histogram", "weighted", ["--bins", "15"],
        ["p(m)", "6×4,λ=1,m2=−1", "ais", "smc"], ["P(m > 0) = 0."],
    ),
    ("magnetization_histogram", "transport", ["--lattice", "6x6"], ["6×6,λ=1,m2=−1", "nets"], []),
    (
        "work_distributions", "transport", [],
        ["PF(W)", "PR(−W)", "log[PF(W)/PR(−W)]", "W−ΔF", "4×4,λ=1,m2=−1,ais"],
        ["Bennett", "slope"],
    ),
    ("ess_along_path", "transport", [], ["ESS/walkers", "nets,K=6", "ais,K=20"], ["at the end"]),
    ("log_weights", "weighted", [], ["log(w/⟨w⟩)", "wild"], ["variance"]),
    ("ess_scaling", "transport", [], ["−logESS", "nets,K=6"], ["grows as V^"]),
    ("cost_scaling", "transport", [], ["seconds/effectivesample", "nets"], ["grows as L^"]),
    (
        "cost_scaling", "transport", ["--gradients"],
        ["gradientevaluations/effectivesample", "τint/trajectories"], [],
    ),
    (
        "training_curves", "transport", [],
        ["Var(r)/V", "iteration", "4×4,λ=1,m2=−1,nets", "withoutweights"], ["network, loss"],
    ),
    ("field_snapshots", "transition", [], ["ϕx", "λ=5.4", "m2=−4,L=8"], ["m = "]),
    ("field_snapshots", "transport", ["--lattice", "4x4"], ["ϕx", "nets"], []),
]  # fmt: skip


def run_script(name: str, *arguments: str) -> None:
    """A script as its command line runs it, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(da, "open_sweep", opened)
        patch.setattr(sys, "argv", [str(SCRIPTS / f"{name}.py"), *map(str, arguments)])
        runpy.run_path(str(SCRIPTS / f"{name}.py"), run_name="__main__")


def labels_of(file: Path) -> list[str]:
    """Every label of an SVG file: its characters in order, since formulae are set font by font."""
    texts = ElementTree.parse(file).getroot().iter("{http://www.w3.org/2000/svg}text")
    return [in_order("".join(text.itertext())) for text in texts]


def in_order(text: str) -> str:
    return "".join(sorted("".join(text.split())))


@pytest.mark.parametrize(
    ("script", "sweep", "arguments", "drawn", "printed"), CASES, ids=lambda value: str(value)[:24]
)
def test_scripts(
    script: str, sweep: str, arguments: list[str], drawn: list[str], printed: list[str],
    request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """A vector file with the labels that belong there."""
    file = tmp_path / "figure.svg"
    run_script(script, str(request.getfixturevalue(sweep)), *arguments, "-o", str(file))
    output = capsys.readouterr().out
    labels = labels_of(file)
    for word in drawn:
        assert in_order(word) in labels, (word, labels)
    for word in printed:
        assert word in output
    assert output.splitlines()[-1] == str(file)
    assert sum(1 for _ in ElementTree.parse(file).getroot().iter()) > 100


def test_curves_and_crossings_of_the_tool(
    tool: Path, transition: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Between the couplings the tool's curves pass by the results, and agree with fits about the
    crossing; the figure marks its critical coupling."""
    table = da.results_table(opened(transition), ["U4"])
    found = da.tool_curves(tool, transition, ["U4"], points=5)
    assert found.attrs["coupling"] == "lambda" and found["reliable"].all()
    curves = scaling.curves(table, "lambda")
    for size, rows in found.groupby("L"):
        x, y, error = curves[size]("U4")
        assert rows["coupling"].min() == x[0] and rows["coupling"].max() == x[-1]
        ends = rows.sort_values("coupling").iloc[[0, -1]]
        assert (ends["error"] < 1.5 * error[[0, -1]]).all()
        assert np.all(np.abs(ends["value"] - y[[0, -1]]) < 4 * error[[0, -1]])
    everything = da.tool_scaling(tool, transition)
    told = everything["crossings"][-1]
    sizes = [max(shape) for shape in told["shapes"]]
    fitted = da.crossing(*(curves[size]("U4") for size in sizes))
    spread = np.hypot(told["coupling"]["error"], fitted.coupling_error)
    assert abs(told["coupling"]["value"] - fitted.coupling) < 4 * spread
    file = tmp_path / "figure.svg"
    run_script("phase_transition", str(transition), "--tool", str(tool), "-o", str(file))
    assert "L = 6, 8: U4 = " in capsys.readouterr().out
    marks = [label for label in labels_of(file) if set("λc=") <= set(label)]
    assert len(marks) == (0 if everything.get("critical") is None else 1)


def test_every_script_is_tested_and_says_what_it_is(transition: Path, tmp_path: Path) -> None:
    """`--help`, the default output in the sweep's folder, and errors in one line."""
    names = sorted(path.stem for path in SCRIPTS.glob("*.py"))
    assert names == sorted({case[0] for case in CASES})
    for name in names:
        text = (SCRIPTS / f"{name}.py").read_text()
        assert len(text.splitlines()) <= 80, name
        assert f"python analysis/figures/{name}.py results/" in text
    command = [sys.executable, str(SCRIPTS / "work_distributions.py"), "--help"]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "SWEEP" in shown and "--output" in shown and "Crooks" in shown
    bad = [(transition, "went back"), (tmp_path, "not the output folder")]
    for folder, words in bad:
        with pytest.raises(SystemExit, match=words):
            run_script("work_distributions", folder)


def test_the_same_data_give_the_same_file(transport: Path, tmp_path: Path) -> None:
    for name in ("one.pdf", "two.pdf"):
        run_script("ess_along_path", str(transport), "-o", str(tmp_path / name))
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()
    run_script("ess_along_path", str(transport))
    assert (transport / "ess_along_path.pdf").read_bytes()[:5] == b"%PDF-"


def test_evolution_ends_where_the_weights_say(transport: Path) -> None:
    """Without resampling the last record of each population is its effective sample size."""
    for run in opened(transport).values():
        if not da.is_weighted(run):
            continue
        table = da.evolution(run)
        assert table["time"].is_monotonic_increasing and table["time"].iloc[-1] == 1
        assert (table["populations"] == 12).all()
        stored = run["annealing/ess"].isel(stop=-1).values
        assert table["ess"].iloc[-1] == pytest.approx(stored.mean(), rel=1e-12)
        assert table["ess_error"].iloc[-1] == pytest.approx(stored.std(ddof=1) / 12**0.5, rel=1e-9)
        stored = run["annealing/log_z"].isel(stop=-1).values
        assert table["log_z"].iloc[-1] == pytest.approx(stored.mean(), rel=1e-12)


def test_log_weights_have_mean_one(transport: Path, weighted: Path) -> None:
    for sweep in (transport, weighted):
        for run in opened(sweep).values():
            if da.is_weighted(run):
                assert np.exp(da.log_weights(run)).mean() == pytest.approx(1, rel=1e-12)
            else:
                with pytest.raises(ValueError, match="no weights"):
                    da.log_weights(run)


def test_correlator_is_that_of_the_table(transport: Path) -> None:
    for run in opened(transport).values():
        table = da.correlator(run)
        if da.is_weighted(run):
            known = {name: e for name, e in da.weighted_table(run).items()}
        else:
            known = {name: e for name, e in da.gamma_table(run).items()}
        assert list(table["t"]) == list(range(da.describe(run).shape[0] // 2 + 1))
        for row in table.itertuples():
            estimate = known[f"G({row.t})"]
            assert (row.G, row.G_error) == (estimate.value, estimate.error)
            if f"m_eff({row.t})" in known:
                estimate = known[f"m_eff({row.t})"]
                assert (row.m_eff, row.m_eff_error) == (estimate.value, estimate.error)
            else:
                assert np.isnan(row.m_eff)


def test_histograms_agree_between_samplers(transport: Path) -> None:
    """Densities of one; all samplers within errors of the chains, bin by bin, with p > 1e-4."""
    sweep = {k: run for k, run in opened(transport).items() if da.describe(run).shape[0] == 6}
    edges = np.linspace(-1, 1, 10)
    found = {}
    for label, run in sweep.items():
        values, errors = histograms.Samples(run).estimate(histograms.density(edges))
        assert (values * np.diff(edges)).sum() == pytest.approx(1, abs=0.01)
        found[label] = values, errors
    base, base_error = found.pop("extent=6 hmc")
    for label, (values, errors) in found.items():
        known = base > 0.05
        pulls = (values - base)[known] / np.hypot(errors, base_error)[known]
        # Errors of 4 chains are known to 40 %: Student's t.
        assert np.abs(pulls).max() < 8, (label, pulls)


def test_depth_of_normal_distributions() -> None:
    """p(0)/p(peak) of two normal distributions of width 1/2 at +-1, and P(m > 0) = 1/2."""
    random = np.random.default_rng(5)
    signs = random.choice([-1, 1], size=(50, 4000))
    m = signs * 1.0 + 0.5 * random.normal(size=signs.shape)
    samples = object.__new__(histograms.Samples)
    samples.m, samples.weights = m, np.ones_like(m)
    value, error = samples.estimate(histograms.depth(0.05))
    places = np.linspace(0, 2, 20001)
    density = np.exp(-2 * (places - 1) ** 2) + np.exp(-2 * (places + 1) ** 2)
    assert error < 0.01
    assert abs(value - density[0] / density.max()) < 4 * error + 0.005
    half, half_error = samples.estimate(histograms.positive)
    assert abs(half - 0.5) < 4 * half_error and half_error == pytest.approx(
        0.5 / np.sqrt(m.size), rel=0.35
    )


def test_words() -> None:
    table = pd.DataFrame({"m2": [-4.0, -4.0], "lambda": [4.2, 4.6], "L": [8, 8]})
    assert figures.theory(table) == "$m^2 = -4$, $L = 8$"
    assert figures.theory(table, ("L",)) == "$m^2 = -4$"
    assert figures.varied_coupling(table) == "lambda"
    with pytest.raises(ValueError, match="must vary one coupling"):
        figures.varied_coupling(table[:1])
