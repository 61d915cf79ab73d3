"""The verb `app`: open the app in the browser."""

import runpy
import sys
from argparse import Namespace
from importlib.util import find_spec
from pathlib import Path

import imgcls
from imgcls.cli.arguments import Verbs, add_port, add_verb
from imgcls.errors import ImgclsError

PACKAGE = Path(imgcls.__file__).parent
# In an installed package the app lies inside it, in a clone of the repository beside it.
PLACES = (PACKAGE / "_app" / "app.py", PACKAGE.parent / "app.py")


def add(verbs: Verbs) -> None:
    """Add the verb."""
    app = add_verb(verbs, "app", run, "open the app in the browser")
    add_port(app, 8501)


def run(options: Namespace) -> bool:
    """Serve the app in this process until it is interrupted.

    Raises:
        ImgclsError: Streamlit is not installed.
    """
    if not find_spec("streamlit"):
        raise ImgclsError("the app is not installed: pip install 'imgcls[app]' adds it")
    script = next(place for place in PLACES if place.is_file())
    # By its name, as a person would start it: the library itself knows nothing of Streamlit.
    sys.argv = ["streamlit", "run", str(script), f"--server.port={options.port}"]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
    return True
