"""What is to be published, read from a form, from JSON or from the words of a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from geosvc.errors import ForbiddenError, Issue, PublishError
from geosvc.store.jobs import JobTable
from geosvc.store.scenarios import ScenarioTable
from geosvc.web.figure_query import read_figure
from geosvc.web.loading import load_figures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.catalog.model import Language
    from geosvc.reports.publish import Made
    from geosvc.workspace import Workspace

KINDS: Final = ("map", "figure", "siting", "scorecard")
OPTIONS: Final = ("paper", "landscape", "dpi", "scale", "width", "height", "ground", "subtitle")
"""What a form may say of the figure beside the query of the state."""
WIDE: Final = "16:9"
"""The paper of a map for which none is named: it fills a frame on a screen."""
WORK: Final = "siting"
MOST_JOB: Final = 2**63 - 1


def made_of(workspace: Workspace, given: Mapping[str, str]) -> Made:
    """Make what is asked for.

    Parameters
    ----------
    workspace
        Its layers, without true values of personal fields.
    given
        ``kind``; for a map or a figure ``map``, ``query`` (its state, and options of the figure)
        and `OPTIONS`; for a siting ``scenario`` or ``job``; for the scorecard ``period``; and
        ``title``, ``caption``, ``lang``.

    Raises
    ------
    PublishError
        If the kind is unknown, or what is drawn, counted and said does not agree.
    StateError, FigureError, UnknownMapError, UnknownScenarioError, UnknownJobError
        If there is no such thing.
    ForbiddenError
        For a siting in the public profile.
    """
    load_figures()
    # matplotlib comes with these
    from geosvc.reports.publish import Words, make  # noqa: PLC0415
    from geosvc.reports.publish_numbers import make_scorecard  # noqa: PLC0415
    from geosvc.reports.publish_siting import make_siting  # noqa: PLC0415

    kind = given.get("kind") or "map"
    words = Words(" ".join(given.get("title", "").split()), given.get("caption", "").strip())
    words = Words(words.title, words.caption.replace("\r\n", "\n"))
    language: Language = "en" if given.get("lang") == "en" else "zh"
    if kind in {"map", "figure"}:
        pairs = _pairs(given, kind)
        request = read_figure(given.get("map", ""), "png", pairs, workspace.catalog)
        return make(workspace, request, words, kind=kind)
    if kind == WORK:
        document = _document(workspace, given)
        return make_siting(workspace, document, words, language=language)
    if kind == "scorecard":
        return make_scorecard(workspace, given.get("period") or None, words, language=language)
    issue = Issue("not_allowed", "kind", found=kind, expected=", ".join(KINDS))
    raise PublishError(kind, issues=[issue])


def _pairs(given: Mapping[str, str], kind: str) -> list[tuple[str, str]]:
    pairs = parse_qsl(given.get("query", "").removeprefix("?"), keep_blank_values=True)
    pairs += [(name, given[name]) for name in OPTIONS if given.get(name)]
    names = {name for name, _ in pairs}
    if given.get("lang") and "lang" not in names:
        pairs.append(("lang", given["lang"]))
    if kind == "map" and "paper" not in names:
        pairs.append(("paper", WIDE))
    # thumbnails are not published, and the title has a field of its own
    return [(name, text) for name, text in pairs if name not in {"bare", "title"}]


def _document(workspace: Workspace, given: Mapping[str, str]) -> Mapping[str, Any]:
    if workspace.settings.profile == "public":
        raise ForbiddenError(WORK)
    path = workspace.store.path
    if given.get("scenario"):
        with ScenarioTable(path) as table:
            document: Mapping[str, Any] = table.result(_number(given, "scenario"))[1]
            return document
    with JobTable(path) as jobs:
        job = jobs.job(_number(given, "job"))
    if job.name != WORK or job.state != "done":
        found = f"{job.name} {job.state}"
        raise PublishError(WORK, issues=[Issue("not_allowed", "job", found=found, expected=WORK)])
    result: Mapping[str, Any] = job.result
    return result


def _number(given: Mapping[str, str], name: str) -> int:
    text = given.get(name, "")
    if not (text.isascii() and text.isdecimal() and int(text) <= MOST_JOB):
        raise PublishError(name, issues=[Issue("wrong_type", name, found=text, expected="1")])
    return int(text)
