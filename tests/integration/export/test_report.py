import re
from pathlib import Path

from imgcls.data.dataset import open_dataset
from imgcls.evaluation.predictions import score_predictions, top_losses
from imgcls.export.report import PHOTOS, html
from imgcls.inference.confidence import Confidence
from imgcls.runs.run import Run
from tests.support.runs import changed


def test_it_holds_the_figures_and_no_photo(finished: Run) -> None:
    written = html(finished)
    test = finished.test
    assert f"{test.accuracy * 100:.1f} % of {test.n:,} test photos" in written
    assert finished.record.base is not None
    assert finished.record.base.sha256[:12] in written
    weights = finished.record.command.split()[-1]
    assert Path(weights).name in written
    assert weights not in written  # it names a folder of this machine
    assert "fine_tune_learning_rate" in written
    assert "<img" not in written
    assert "<th>photos called so</th>" in written
    assert "precision_low" not in written


def test_photos_are_those_asked_for(finished: Run, drawn_photos: Path) -> None:
    written = html(finished, open_dataset(drawn_photos))
    mistakes = top_losses(score_predictions(finished.predictions(), Confidence.of_run(finished)))
    shown = re.findall(r'<img alt="" src="data:image/jpeg;base64,', written)
    assert len(shown) == min(PHOTOS, len(mistakes))


def test_names_are_text_not_markup(finished: Run) -> None:
    named = changed(finished, name="<script>alert(1)</script>")
    assert "<script>alert" not in html(named)
