"""What a folder holds is not lost to a run that fails."""

import pytest

from tests.validate import toy
from tests.validate.run.test_runner import run
from validate.command.folder import WITH_ERRORS, folder_for, former
from validate.command.running import write_results
from validate.results.records import Verdict


@pytest.fixture
def out(tmp_path):
    """A folder with the results of one claim that has a verdict and one that failed."""
    good, bad = toy.claim(), toy.claim("toy.broken", broken=0)
    _, to = write_results(run(tmp_path, good, bad), tmp_path / "out")
    assert to == tmp_path / "out"
    return to


def test_a_failed_claim_does_not_replace_its_verdict(tmp_path, out, capsys):
    before = (out / "report.pdf").read_bytes()
    _, to = write_results(run(tmp_path, toy.claim(broken=0)), out)
    assert to == out / WITH_ERRORS
    assert str(to) in capsys.readouterr().err
    kept, failed = former(out), former(to)
    assert kept is not None
    assert failed is not None
    assert [c.verdict for c in kept.claims] == [Verdict.AGREE, Verdict.ERROR]
    assert [c.verdict for c in failed.claims] == [Verdict.ERROR]
    assert (out / "report.pdf").read_bytes() == before
    assert (to / "report.pdf").read_bytes().startswith(b"%PDF")


def test_what_failed_before_or_decides_is_replaced(tmp_path, out):
    for claim in (toy.claim("toy.broken", broken=0), toy.claim("toy.new", broken=0), toy.claim()):
        assert folder_for(run(tmp_path, claim), out) == out
