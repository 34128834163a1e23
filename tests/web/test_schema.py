from __future__ import annotations

from geosvc.catalog.model import Constraints, Field, Label, Layer, Schema, Style, Text
from geosvc.web.schema import frictionless

NAMES = Text("名", "Name")


def described(field: Field) -> dict[str, object]:
    schema = Schema("Point", "code", (field,))
    found: dict[str, object] = frictionless(Layer("stops", "", NAMES, schema, Style("ring", "ok")))[
        "fields"
    ][0]
    return found


def test_a_bare_field_has_name_title_and_type() -> None:
    assert described(Field("name", NAMES)) == {
        "name": "name",
        "title": {"zh": "名", "en": "Name"},
        "type": "string",
        "constraints": {},
    }


def test_bounds_have_the_words_of_frictionless() -> None:
    bounds = Constraints(
        required=True, unique=True, minimum=0, maximum=9, min_length=1, max_length=2, pattern="a+"
    )
    assert described(Field("name", NAMES, constraints=bounds))["constraints"] == {
        "required": True,
        "unique": True,
        "minimum": 0,
        "maximum": 9,
        "minLength": 1,
        "maxLength": 2,
        "pattern": "a+",
    }


def test_a_domain_is_an_enum_with_labels() -> None:
    field = Field("kind", NAMES, labels={"bay": Label(Text("港湾式", "Bay"))})
    found = described(field)
    assert found["constraints"] == {"enum": ["bay"]}
    assert found["labels"] == {"bay": {"zh": "港湾式", "en": "Bay"}}
    field = Field("state", NAMES, labels={"ok": Label(Text("好", "Good"), "ok")})
    assert described(field)["labels"] == {"ok": {"zh": "好", "en": "Good", "tone": "ok"}}


def test_an_enum_without_labels_is_one_too() -> None:
    field = Field("level", NAMES, "integer", constraints=Constraints(enum=(1, 2)))
    assert described(field)["constraints"] == {"enum": [1, 2]}


def test_units_and_privacy_are_said() -> None:
    found = described(Field("plate", NAMES, unit=Text("米", "m"), privacy="enforcement"))
    assert found["unit"] == {"zh": "米", "en": "m"}
    assert found["privacy"] == "enforcement"
