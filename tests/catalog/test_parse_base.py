from __future__ import annotations

import pytest

from geosvc.catalog.model import Base, Text
from geosvc.catalog.parse import parse_site
from geosvc.catalog.parse_base import hosts_of
from tests.online_site import HOSTS, SHIFTED, SITE, TITLE, VECTOR

PATH = "layers/site.toml"
KNOWN = "CGCS2000, WGS84, GCJ-02"
FORM = "https://host/…{z}…{x}…{y}"
TILES = 'url = "https://{s}.tiles.example/vec?x={x}&y={y}&z={z}&tk={token}"'
LABELS = 'labels = "https://{s}.tiles.example/cva?x={x}&y={y}&z={z}&tk={token}"\n'


def faults(text: str) -> list[tuple[str, str, str, str]]:
    site, issues = parse_site(PATH, text)
    assert (site is None) == bool(issues)
    assert {issue.path for issue in issues} <= {PATH}
    return [(issue.code, issue.key, issue.found, issue.expected) for issue in issues]


def url_fault(url: str) -> list[tuple[str, str]]:
    text = (TITLE + VECTOR).replace(LABELS, "").replace('subdomains = ["a", "b"]\n', "")
    return [(code, key) for code, key, _, _ in faults(text.replace(TILES, f'url = "{url}"'))]


def test_bases_stand_in_the_order_of_the_file() -> None:
    site, issues = parse_site(PATH, SITE)
    assert site is not None, issues
    vector, open_map = site.base
    assert vector.labels == vector.url.replace("/vec", "/cva")
    assert (vector.subdomains, vector.named, vector.max_zoom) == (("a", "b"), True, 16)
    words = Text("开放 <b>图</b>", "Open <b>map</b>"), Text("乙图", "Map B")
    url = "https://open.example:8443/{z}/{x}/{y}.png"
    assert open_map == Base("open", words[0], url, words[1], "WGS84")
    assert (open_map.subdomains, open_map.labels, open_map.max_zoom) == ((), "", 18)


def test_a_base_may_be_in_gcj02() -> None:
    site, issues = parse_site(PATH, SITE + SHIFTED)
    assert site is not None, issues
    assert [base.datum for base in site.base] == ["CGCS2000", "WGS84", "GCJ-02"]


def test_a_site_file_without_bases_has_none() -> None:
    site, _ = parse_site(PATH, TITLE)
    assert site is not None
    assert site.base == ()


def test_each_subdomain_is_spelled_out() -> None:
    site, _ = parse_site(PATH, SITE)
    assert site is not None
    assert hosts_of(site.base[0]) + hosts_of(site.base[1]) == HOSTS
    elsewhere = SITE.replace("https://{s}.tiles.example/cva", "https://names.example/cva")
    site, _ = parse_site(PATH, elsewhere)
    assert site is not None
    assert hosts_of(site.base[0])[-1] == "https://names.example"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('id = "open"', 'id = "vector"', ("not_unique", "base[1].id", "vector", "")),
        ('id = "open"', 'id = "Open"', ("not_allowed", "base[1].id", "Open", "[a-z0-9_]+")),
        ("max_zoom = 16", "max_zoom = 23", ("above_maximum", "base[0].max_zoom", "23", "22")),
        (
            'subdomains = ["a", "b"]',
            'subdomains = ["a;"]',
            ("not_allowed", "base[0].subdomains[0]", "a;", "[a-z0-9-]+"),
        ),
        (
            'subdomains = ["a", "b"]\n',
            "",
            ("missing_key", "base[0].subdomains", "", "list"),
        ),
        (
            'subdomains = ["a", "b"]',
            "subdomains = []",
            (
                *("pattern", "base[0].url"),
                *("https://{s}.tiles.example/vec?x={x}&y={y}&z={z}&tk={token}", "{s}"),
            ),
        ),
        (
            '"WGS84"',
            '"EPSG:4326"',
            ("not_allowed", "base[1].datum", "EPSG:4326", KNOWN),
        ),
        ('"WGS84"', '"gcj02"', ("not_allowed", "base[1].datum", "gcj02", KNOWN)),
        # its tiles lie on another grid
        ('"WGS84"', '"BD-09"', ("not_allowed", "base[1].datum", "BD-09", KNOWN)),
        ('datum = "WGS84"\n', "", ("missing_key", "base[1].datum", "", "string")),
        (
            "attribution = { zh = ",
            "terms = { zh = ",
            ("missing_key", "base[0].attribution", "", "table"),
        ),
    ],
)
def test_each_fault_of_a_base(old: str, new: str, fault: tuple[str, str, str, str]) -> None:
    assert old in SITE
    assert fault in faults(SITE.replace(old, new))


@pytest.mark.parametrize(
    "url",
    [
        "http://tiles.example/{z}/{x}/{y}",
        "//tiles.example/{z}/{x}/{y}",
        "https://{token}.example/{z}/{x}/{y}",
        "https://{z}.example/{z}/{x}/{y}",
        "https://tiles.{s}.example/{z}/{x}/{y}",
        "https://*.example/{z}/{x}/{y}",
        "https://li@tiles.example/{z}/{x}/{y}",
        "https://tiles.example;script-src/{z}/{x}/{y}",
        "https://tiles.example /{z}/{x}/{y}",
        "https://tiles.example/{z}/{x}",
        "https://tiles.example/{z}/{x}/{y}{more}",
        'https://tiles.example/{z}/{x}/{y}\\" onload=',
        "https://tiles.example/{z}/{x}/{y}\\n",
        "https://站点.example/{z}/{x}/{y}",
        "javascript:alert(1)//{z}{x}{y}",
    ],
)
def test_an_address_is_https_and_names_its_host(url: str) -> None:
    assert ("pattern", "base[0].url") in url_fault(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://tiles.example/{z}/{x}/{y}.png",
        "https://10.0.0.8:8443/a?T=vec_w&X={x}&Y={y}&L={z}",
        "https://tiles/{z}/{y}/{x}@2x.jpg",
    ],
)
def test_addresses_of_many_forms(url: str) -> None:
    assert url_fault(url) == []


def test_a_subdomain_that_no_address_asks_for_is_a_fault() -> None:
    text = SITE.replace('datum = "WGS84"', 'datum = "WGS84"\nsubdomains = ["a"]')
    url = "https://open.example:8443/{z}/{x}/{y}.png"
    assert faults(text) == [("pattern", "base[1].url", url, "{s}")]


def test_what_stands_for_no_base_is_the_name_of_none() -> None:
    text = SITE.replace('id = "open"', 'id = "none"')
    assert faults(text) == [("not_allowed", "base[1].id", "none", "!= none")]


def test_a_fault_in_the_address_is_one_fault() -> None:
    text = SITE.replace("https://{s}.tiles.example/vec", "http://{s}.tiles.example/vec")
    assert [(code, key) for code, key, _, _ in faults(text)] == [("pattern", "base[0].url")]
