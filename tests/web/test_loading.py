from __future__ import annotations

import subprocess
import sys

from geosvc.web.loading import SLOW

TWO_AT_ONCE = """
import sys, threading
from geosvc.web.loading import load_figures
assert "geosvc.figures" not in sys.modules
wrong = []
def load(name):
    try:
        load_figures()
        __import__(name)
    except BaseException as error:
        wrong.append(repr(error))
threads = [threading.Thread(target=load, args=[name]) for name in {names!r}]
for thread in threads: thread.start()
for thread in threads: thread.join()
sys.exit("; ".join(wrong) or 0)
"""


def test_threads_that_load_at_once_get_whole_modules() -> None:
    script = TWO_AT_ONCE.format(names=SLOW)
    done = subprocess.run(  # noqa: S603 - the script is our own
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.returncode == 0
