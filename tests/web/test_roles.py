from __future__ import annotations

from itertools import pairwise

import pytest

from geosvc.catalog.parse_field import ROLES as NAMED
from geosvc.settings import Settings
from geosvc.store.schema import MIGRATIONS
from geosvc.web import roles

# anonymous where reading is open, anonymous where it is closed, then the four roles
TABLE = {
    "open": "yyyyyy",
    "embed": "ynyyyy",
    "read": "ynyyyy",
    "own": "nnyyyy",
    "edit": "nnnyyy",
    "personal": "nnnnyy",
    "administer": "nnnnny",
    "accounts": "nnnnny",
}


@pytest.mark.parametrize("right", TABLE)
def test_the_table(right: roles.Right) -> None:
    opened, closed = Settings(), Settings(anonymous=False)
    nobody: frozenset[str] = frozenset()
    found = [roles.granted(right, nobody, opened), roles.granted(right, nobody, closed)]
    found += [roles.granted(right, roles.rights_of(role), opened) for role in roles.ROLES]
    assert "".join("ny"[is_granted] for is_granted in found) == TABLE[right]


def test_every_right_is_in_the_table() -> None:
    assert set(roles.RIGHTS.values()) <= set(TABLE)
    assert all(f"\n{right} " in (roles.__doc__ or "") for right in TABLE)


def test_a_closed_service_shows_no_embed_to_anybody() -> None:
    closed = Settings(anonymous=False)
    for role in roles.ROLES:
        assert not roles.granted("embed", roles.rights_of(role), closed)


def test_the_public_profile_shows_nothing_personal_to_anybody() -> None:
    public = Settings(profile="public")
    for role in roles.ROLES:
        assert not roles.granted("personal", roles.rights_of(role), public)
        assert roles.granted("read", roles.rights_of(role), public)


def test_each_role_has_all_that_the_one_before_has() -> None:
    rights = [roles.rights_of(role) for role in roles.ROLES]
    assert all(less < more for less, more in pairwise(rights))


def test_the_roles_are_those_of_layer_files_and_of_the_store() -> None:
    assert set(roles.ROLES) == set(NAMED)
    assert all(f"'{role}'" in MIGRATIONS[0] for role in roles.ROLES)


@pytest.mark.parametrize("scope", ["", "own", "everything", "administer"])
def test_a_scope_adds_nothing(scope: str) -> None:
    assert roles.rights_of("editor", scope=scope) == frozenset()


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("viewer", ""),
        ("editor", ""),
        ("enforcement", "viewer editor enforcement"),
        ("administrator", "viewer editor enforcement administrator"),
        ("nobody", ""),
    ],
)
def test_who_sees_which_field(role: str, seen: str) -> None:
    assert [named for named in roles.ROLES if roles.sees(role, named)] == seen.split()


def test_an_unknown_address_asks_for_what_nobody_has() -> None:
    assert roles.right_of("pages.new") is None
    assert roles.as_role("king") is None
    assert roles.as_role("viewer") == "viewer"
