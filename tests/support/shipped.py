"""The runs that are shipped."""

import re

from imgcls.runs.run import load_run
from tests.support.repository import ROOT

# Of all runs these alone are not ignored.
FOLDERS = re.findall(r"^!/(models/.+)/$", (ROOT / ".gitignore").read_text(), re.MULTILINE)
SHIPPED = [load_run(ROOT / folder) for folder in FOLDERS]
