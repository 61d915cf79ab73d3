from pathlib import Path

from imgcls.runs import origin
from imgcls.runs.run import Run
from tests.support.runs import changed, example


def test_what_is_given_away_names_no_folder_of_this_machine(tmp_path: Path) -> None:
    folder = tmp_path / "holidays at the sea"
    command = f"python -m imgcls train --preset paper --data '{folder}' --set=seed=2"
    run = changed(Run(tmp_path, example()), command=command)
    public = "python -m imgcls train --preset paper --data 'holidays at the sea' --set=seed=2"
    assert origin.public_command(run) == public
    assert origin.facts(run, public=True)["Made by"] == public
    assert origin.facts(run)["Made by"] == command
