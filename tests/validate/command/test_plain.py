"""Where standard output takes no Unicode its characters are written in those that it takes."""

import io
import os
import subprocess
import sys

import pytest

from validate.command.plain import HANDLER, write_plainly

WRITTEN = {
    "σ(0) = −1.5°": "sigma(0) = -1.5 deg",
    "c x² + d x⁻¹²": "c x^2 + d x^-12",
    "Θ ∝ η²/γ₀²": "Theta ~ eta^2/gamma_0^2",
    "naïve “±” …": 'naive "+-" ...',
    "漢\ud800": "??",
}


@pytest.mark.parametrize("text", WRITTEN)
def test_in_ascii(text: str):
    write_plainly()
    assert text.encode("ascii", HANDLER).decode() == WRITTEN[text]


def test_other_encodings_keep_what_they_have():
    write_plainly()
    assert "σ² naïve ±".encode("latin-1", HANDLER).decode("latin-1") == "sigma² naïve ±"
    file = io.TextIOWrapper(io.BytesIO(), encoding="utf-16", errors=HANDLER)
    file.write("σ \ud800")
    file.seek(0)
    assert file.read() == "σ ?"


@pytest.mark.parametrize(
    "arguments",
    [["activation", "x**2*tanh(x)", "--no-train"], ["show", "batchnorm.drift"], ["list"]],
    ids=lambda words: words[0],
)
def test_commands(arguments: list[str]):
    """On a narrow terminal too, and without a home."""
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "COLUMNS": "20"}
    environment.pop("HOME", None)
    command = [sys.executable, "-m", "validate", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.decode("ascii")) > 100
    assert b"Traceback" not in done.stderr
