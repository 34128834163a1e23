"""``geosvc figure`` writes what the service sends."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from docx import Document
from matplotlib.image import imread

from geosvc.__main__ import main
from geosvc.web.app import create_app
from tests.web.hotspot_catalog import write_hotspots

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.small import Folder

SMALL = ["--paper", "pixels", "--width", "300", "--height", "200", "--dpi", "150"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    made = write_hotspots(tmp_path, monkeypatch)
    monkeypatch.setenv("GEOSVC_LAYERS", str(made.settings.layers))
    monkeypatch.setenv("GEOSVC_INSTANCE", str(made.settings.instance))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return made


def test_the_file_is_what_the_service_sends(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder.root / "out.png"
    query = "layers=stops,area&f.stops.kind=bay"
    options = ["-o", str(path), "--query", f"?{query}", "--title", "甲 & 乙", *SMALL]
    assert main(["figure", "overview", *options, "--lang", "zh"]) == 0
    assert f"已写入 {path}：" in capsys.readouterr().err
    assert imread(BytesIO(path.read_bytes())).shape[:2] == (200, 300)
    client = folder.app().test_client()
    url = f"/figures/overview.png?{query}&title=%E7%94%B2%20%26%20%E4%B9%99"
    whole = client.get(f"{url}&paper=pixels&width=300&height=200&dpi=150")
    assert whole.data == path.read_bytes()


@pytest.mark.parametrize(("name", "begins"), [("a.svg", b"<?xml"), ("a.PDF", b"%PDF-")])
def test_the_ending_says_the_format(folder: Folder, name: str, begins: bytes) -> None:
    path = folder.root / name
    assert main(["figure", "roads", "-o", str(path), "--landscape", "--ground", "none"]) == 0
    assert path.read_bytes().startswith(begins)


def test_the_language_is_that_of_the_command_or_of_the_query(folder: Folder) -> None:
    texts = {}
    for name, options in {
        "zh": ["--lang", "zh"],
        "en": ["--lang", "en"],
        "asked": ["--lang", "zh", "--query", "lang=en"],
    }.items():
        path = folder.root / f"{name}.svg"
        assert main(["figure", "overview", "-o", str(path), *options]) == 0
        texts[name] = path.read_bytes()
    assert texts["en"] == texts["asked"] != texts["zh"]


def test_the_block_for_word_is_what_the_dialog_sends(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GEOSVC_BASE_URL", "https://gis.example.gov.cn")
    path = folder.root / "block.docx"
    options = ["-o", str(path), "--title", "站点分布", "--chapter", "3", "--lang", "zh"]
    assert main(["figure", "overview", *options]) == 0
    assert f"已写入 {path}：站点分布" in capsys.readouterr().err
    settings = replace(folder.settings, base_url="https://gis.example.gov.cn")
    client = create_app(settings).test_client()
    sent = client.get("/figures/overview.docx?title=%E7%AB%99%E7%82%B9%E5%88%86%E5%B8%83&chapter=3")
    assert sent.data == path.read_bytes()


def test_a_block_without_an_address_has_no_link(folder: Folder) -> None:
    path = folder.root / "block.docx"
    assert main(["figure", "overview", "-o", str(path), "--lang", "en"]) == 0
    document = Document(str(path))
    assert len(document.inline_shapes) == 1
    captions = [item.text for item in document.paragraphs if item.text.startswith("Figure 1")]
    assert len(captions) == 1


@pytest.mark.parametrize(
    ("name", "chapter"), [("a.docx", "0"), ("a.docx", "1.5"), ("a.docx", "x"), ("a.png", "1")]
)
def test_a_chapter_is_a_number_of_a_block(folder: Folder, name: str, chapter: str) -> None:
    path = folder.root / name
    assert main(["figure", "overview", "-o", str(path), "--chapter", chapter]) == 1
    assert not path.exists()


def test_charts_have_names_of_their_own(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder.root / "weeks.svg"
    assert main(["figure", "charts/violations_by_week", "-o", str(path), "--width", "80"]) == 0
    assert path.read_bytes().startswith(b"<?xml")
    assert main(["figure", "charts/nothing", "-o", str(folder.root / "no.svg")]) == 1
    assert "charts/nothing" in capsys.readouterr().err
    assert not (folder.root / "no.svg").exists()


@pytest.mark.usefixtures("folder")
def test_another_ending_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["figure", "overview", "-o", "map.gif"])
    assert ".png .svg .pdf .docx" in capsys.readouterr().err


def test_what_makes_no_sense_is_a_line_and_no_file(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder.root / "out.png"
    assert main(["figure", "overview", "-o", str(path), "--scale", "7"]) == 1
    assert "scale: " in capsys.readouterr().out
    assert main(["figure", "overview", "-o", str(path), "--query", "f.stops.plate=x"]) == 1
    assert "f.stops.plate: " in capsys.readouterr().out
    assert main(["figure", "atlantis", "-o", str(path)]) == 1
    assert main(["figure", "roads", "-o", str(folder.root / "no" / "out.svg")]) == 1
    assert "cannot be written: No such file" in capsys.readouterr().err
    assert not path.exists()
