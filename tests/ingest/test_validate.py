"""Types, constraints, domains, rules and keys of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from geosvc.catalog.model import Constraints, Field, ForeignKey, OnlyIf, Order, Schema, Text
from geosvc.ingest.masks import HIDDEN
from geosvc.ingest.records import Faults, Records
from geosvc.ingest.validate import check_rules, check_unique, type_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from geosvc.catalog.model import FieldType, Rule

NOTHING = Text("", "")
Found = list[tuple[str, int | None, str]]


def _schema(*fields: Field, rules: tuple[Rule, ...] = (), **more: object) -> Schema:
    missing = more.get("missing_values", ("",))
    assert isinstance(missing, tuple)
    return Schema("None", fields[0].name, fields, missing_values=missing, rules=rules)


def _found(faults: Faults) -> Found:
    return [(issue.code, issue.row, issue.key) for issue in faults.issues]


def _type(field: Field, *values: object) -> tuple[list[object], Faults]:
    """Type one column beside a sound key."""
    key = Field("key", NOTHING, "integer")
    records = Records(len(values), {"key": list(range(len(values))), field.name: list(values)})
    faults = Faults("a")
    typed = type_columns(records, _schema(key, field), faults)
    return list(typed[field.name]), faults


def _rules(
    columns: dict[str, list[Any]],
    rule: Rule,
    kinds: dict[str, FieldType] | None = None,
    known: Iterable[object] = (),
) -> Faults:
    fields = [Field(name, NOTHING, (kinds or {}).get(name, "string")) for name in columns]
    faults = Faults("a")
    check_rules(columns, _schema(*fields, rules=(rule,)), faults, references=lambda _: known)
    return faults


def test_missing_values_become_none() -> None:
    bays = Field("bays", NOTHING, "integer")
    typed, faults = _type(bays, "", None, [], "3")
    assert typed == [None, None, None, 3]
    assert faults.issues == []


def test_missing_values_are_those_of_the_schema() -> None:
    code, name = Field("code", NOTHING), Field("name", NOTHING)
    records = Records(3, {"code": ["A", "B", "C"], "name": ["-", "", "无"]})
    typed = type_columns(records, _schema(code, name, missing_values=("-", "无")), Faults("a"))
    assert typed["name"] == [None, "", None]


def test_a_column_that_is_not_there_is_empty() -> None:
    code, name = Field("code", NOTHING), Field("name", NOTHING)
    assert type_columns(Records(2, {"code": ["A", "B"]}), _schema(code, name), Faults("a")) == {
        "code": ["A", "B"],
        "name": [None, None],
    }


def test_required_and_the_key() -> None:
    code = Field("code", NOTHING)
    name = Field("name", NOTHING, constraints=Constraints(required=True))
    faults = Faults("a")
    records = Records(3, {"code": ["A", "", None], "name": [None, "x", ""]})
    type_columns(records, _schema(code, name), faults)
    assert sorted(_found(faults), key=str) == [
        ("required", 1, "name"),
        ("required", 2, "code"),
        ("required", 3, "code"),
        ("required", 3, "name"),
    ]


def test_a_row_that_was_not_read_misses_nothing() -> None:
    reading = Faults("a")
    reading.add("cells", 0)
    records = Records(1, {"code": [""]}, faults=tuple(reading.issues))
    faults = Faults("a", list(reading.issues))
    type_columns(records, _schema(Field("code", NOTHING)), faults)
    assert _found(faults) == [("cells", 1, "")]


def test_wrong_types_say_what_is_expected() -> None:
    typed, faults = _type(Field("day", NOTHING, "date"), "2024/6/3", "2024-06-03", 20240603)
    assert typed == [None, "2024-06-03", None]
    assert [(issue.code, issue.row, issue.found, issue.expected) for issue in faults.issues] == [
        ("wrong_type", 1, "2024/6/3", "YYYY-MM-DD"),
        ("wrong_type", 3, "20240603", "YYYY-MM-DD"),
    ]


@pytest.mark.parametrize(
    ("kind", "constraints", "sound", "broken", "code"),
    [
        ("integer", {"minimum": 1}, ["1", "2"], ["0", "-1"], "below_minimum"),
        ("integer", {"maximum": 200}, [200], [201], "above_maximum"),
        ("number", {"minimum": 0.5}, ["0.5", 1], ["0.49"], "below_minimum"),
        ("date", {"minimum": "2024-05-15"}, ["2024-05-15"], ["2024-05-14"], "below_minimum"),
        ("date", {"maximum": "2024-06-30"}, ["2024-06-30"], ["2024-07-01"], "above_maximum"),
        (
            "datetime",
            {"minimum": "2024-05-15"},
            ["2024-05-15T00:00:00+08:00"],
            ["2024-05-14T23:59:59+08:00"],
            "below_minimum",
        ),
        (
            "datetime",
            {"maximum": "2024-06-30T00:00:00+08:00"},
            ["2024-06-29T16:00:00Z"],
            ["2024-06-29T16:00:01Z"],
            "above_maximum",
        ),
        ("time", {"minimum": "06:00"}, ["06:00:00"], ["05:59"], "below_minimum"),
        ("string", {"pattern": "[0-9]{9}"}, ["329901001"], ["32990100", "3299010011"], "pattern"),
        ("list", {"pattern": "K[0-9]+"}, ["K1;K12"], ["K1;12"], "pattern"),
        ("string", {"min_length": 2}, ["ab", "站台"], ["a", "站"], "length"),
        ("string", {"max_length": 2}, ["ab", "𠮷😀"], ["abc"], "length"),
        ("list", {"min_length": 2, "max_length": 3}, ["a;b", "a;b;c"], ["a", "a;b;c;d"], "length"),
        ("string", {"enum": ("E", "W")}, ["E"], ["e", "N"], "not_in_domain"),
        ("integer", {"enum": (1, 2)}, ["1", 2], ["3"], "not_in_domain"),
        ("number", {"enum": (0.5, 2)}, ["0.50", "2.0"], ["1"], "not_in_domain"),
        ("boolean", {"enum": (True,)}, ["是", 1], ["否"], "not_in_domain"),
    ],
)
def test_constraints(  # noqa: PLR0917 - a column of a table each
    kind: FieldType,
    constraints: dict[str, Any],
    sound: list[object],
    broken: list[object],
    code: str,
) -> None:
    field = Field("value", NOTHING, kind, constraints=Constraints(**constraints))
    assert _type(field, *sound)[1].issues == []
    _, faults = _type(field, *broken)
    assert _found(faults) == [(code, row + 1, "value") for row in range(len(broken))]
    assert all(issue.expected and issue.found for issue in faults.issues)


@pytest.mark.parametrize(
    ("kind", "labels", "sound", "broken"),
    [
        ("string", ("in_use", "removed"), ["in_use"], ["In_use", "in_use ", "x"]),
        ("list", ("a", "b"), ["a;b", ["b"]], ["a;c"]),
        ("integer", ("1", "2"), ["1", 2, "２"], ["3"]),
        ("boolean", ("true", "false"), ["true", 0], []),
    ],
)
def test_labels_are_the_domain(  # noqa: PLR0917 - a column of a table each
    field: Callable[..., Field],
    kind: str,
    labels: tuple[str, ...],
    sound: list[object],
    broken: list[object],
) -> None:
    coded = field("value", kind, labels=labels)
    assert _type(coded, *sound)[1].issues == []
    _, faults = _type(coded, *broken)
    assert [issue.code for issue in faults.issues] == ["not_in_domain"] * len(broken)
    assert all(issue.expected == ", ".join(labels) for issue in faults.issues)


def test_one_fault_a_value() -> None:
    field = Field(
        "value", NOTHING, constraints=Constraints(pattern="[a-z]+", max_length=3, enum=("abc",))
    )
    assert len(_type(field, "ABCDEF")[1].issues) == 1


def test_personal_values_are_not_quoted(field: Callable[..., Field]) -> None:
    plate = field("plate", privacy="enforcement", pattern="苏X[A-Z0-9]{5}", unique=True)
    _, faults = _type(plate, "苏YA1234", 1.5, ["x"])
    schema = _schema(Field("key", NOTHING), plate)
    typed: dict[str, list[Any]] = {"key": ["1", "2"], "plate": ["苏XA1234", "苏XA1234"]}
    check_unique(typed, schema, faults)
    rule = OnlyIf("plate", "key", ("3",))
    check_rules(
        typed, _schema(plate, Field("key", NOTHING), rules=(rule,)), faults, references=lambda _: ()
    )
    assert len(faults.issues) >= 4
    assert {issue.found for issue in faults.issues} == {HIDDEN}


def test_order() -> None:
    rule = Order(("captured", "reported", "closed"))
    kinds: dict[str, FieldType] = dict.fromkeys(rule.fields, "datetime")
    columns: dict[str, list[Any]] = {
        "captured": ["2024-06-03T08:00:00+08:00"] * 5,
        "reported": [
            "2024-06-03T08:00:00+08:00",
            "2024-06-03T07:59:59+08:00",
            None,
            None,
            "2024-06-03T00:30:00+00:00",
        ],
        "closed": [
            "2024-06-04T08:00:00+08:00",
            "2024-06-04T08:00:00+08:00",
            "2024-06-02T08:00:00+08:00",
            None,
            "2024-06-03T08:29:00+08:00",
        ],
    }
    faults = _rules(columns, rule, kinds)
    assert _found(faults) == [
        ("order", 2, "reported"),
        ("order", 3, "closed"),
        ("order", 5, "closed"),
    ]
    assert faults.issues[1].expected == "captured ≤ closed"


def test_order_of_numbers_and_of_days_with_moments() -> None:
    columns: dict[str, list[Any]] = {"used": [2, 5, None], "slots": [2.0, 4.5, 0.0]}
    kinds: dict[str, FieldType] = {"used": "integer", "slots": "number"}
    assert _found(_rules(columns, Order(("used", "slots")), kinds)) == [("order", 2, "slots")]
    columns = {
        "start": ["2024-06-03", "2024-06-04"],
        "end": ["2024-06-03T08:00:00+08:00", "2024-06-03T08:00:00+08:00"],
    }
    kinds = {"start": "date", "end": "datetime"}
    assert _found(_rules(columns, Order(("start", "end")), kinds)) == [("order", 2, "end")]


@pytest.mark.parametrize(
    ("whens", "values", "kind", "broken"),
    [
        (["penalised", "closed", None], ("penalised",), "string", [2, 3]),
        ([True, False, None], (True,), "boolean", [2, 3]),
        ([1, 2, 3], (1, 2), "integer", [3]),
        ([1.0, 2.5, None], (1, 2.5), "number", [3]),
        ([("a", "b"), ("c",), None], ("b",), "list", [2, 3]),
    ],
)
def test_only_if(
    whens: list[Any], values: tuple[Any, ...], kind: FieldType, broken: list[int]
) -> None:
    columns = {"fine": ["200"] * 3, "when": whens}
    faults = _rules(columns, OnlyIf("fine", "when", values), {"when": kind})
    assert _found(faults) == [("only_if", row, "fine") for row in broken]
    assert _rules({"fine": [None] * 3, "when": whens}, OnlyIf("fine", "when", values)).issues == []


def test_only_if_says_when() -> None:
    rule = OnlyIf("fine", "state", ("penalised", "closed"))
    faults = _rules({"fine": ["200"], "state": ["reported"]}, rule)
    assert faults.issues[0].expected == "state = closed, penalised"


def test_foreign_keys() -> None:
    rule = ForeignKey("patrol", "patrols", "patrol_id")
    columns = {"patrol": ["P1", "P9", None, ("P1", "P2"), ("P1", "P9")]}
    faults = _rules(columns, rule, known=["P1", "P2", None])
    assert _found(faults) == [
        ("no_such_reference", 2, "patrol"),
        ("no_such_reference", 5, "patrol"),
    ]
    assert faults.issues[0].expected == "patrols.patrol_id"


def test_foreign_keys_of_numbers() -> None:
    rule = ForeignKey("site", "sites", "number")
    assert _rules({"site": [1, 2]}, rule, known=[1.0, "2"]).issues == []


def test_unique_keeps_the_first_sound_row() -> None:
    schema = _schema(Field("code", NOTHING), Field("mark", NOTHING))
    faults = Faults("a")
    faults.add("pattern", 0, key="mark")
    check_unique({"code": ["A", "A", "A", "B", None, None], "mark": ["x"] * 6}, schema, faults)
    assert _found(faults)[1:] == [("not_unique", 3, "code")]


def test_unique_fields_besides_the_key(field: Callable[..., Field]) -> None:
    schema = _schema(Field("code", NOTHING), field("mark", unique=True))
    faults = Faults("a")
    check_unique({"code": ["A", "B", "B"], "mark": ["x", "x", "x"]}, schema, faults)
    assert _found(faults) == [("not_unique", 3, "code"), ("not_unique", 2, "mark")]


def test_a_personal_reference_is_not_quoted() -> None:
    fields = Field("patrol", NOTHING, privacy="enforcement"), Field("zone", NOTHING)
    rules = tuple(ForeignKey(name, "patrols", "id") for name in ("patrol", "zone"))
    faults = Faults("a")
    columns: dict[str, Any] = {"patrol": ["Wang"], "zone": ["Z9"]}
    check_rules(columns, _schema(*fields, rules=rules), faults, references=lambda _rule: ())
    assert [issue.found for issue in faults.issues] == [HIDDEN, "Z9"]
