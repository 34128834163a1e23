"""One line of JSON a request, on standard error."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any


def write_request(environ: dict[str, Any], *, status: str, length: int, seconds: float) -> None:
    """Write what was asked and what was answered.

    Parameters
    ----------
    environ
        The WSGI environment. Its query is left out: it may hold what a reader looked for.
    status
        The status line.
    length
        The bytes of the body.
    seconds
        The time it took.
    """
    line = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "method": environ.get("REQUEST_METHOD", ""),
        "path": environ.get("PATH_INFO", "")
        .encode("latin-1", "replace")
        .decode("utf-8", "replace"),
        "status": int(status[:3]),
        "bytes": length,
        "ms": round(seconds * 1000, 3),
    }
    if "geosvc.request_id" in environ:
        line["id"] = environ["geosvc.request_id"]
    # one write a line: lines of several workers and threads do not mix
    sys.stderr.write(json.dumps(line) + "\n")
