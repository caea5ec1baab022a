"""Who is asking decides what may be done."""

from brutal_patches.actor import ANONYMOUS, SYSTEM, Actor


def test_nobody_owns_nothing() -> None:
    """An anonymous caller is not the owner of what has no owner."""
    assert ANONYMOUS.is_anonymous
    assert not ANONYMOUS.owns("")


def test_roles_are_told_apart() -> None:
    """A moderator is staff and no admin; the command line is both."""
    moderator = Actor(user_id="1", roles=frozenset({"moderator"}))

    assert moderator.owns("1")
    assert moderator.is_staff
    assert not moderator.is_admin
    assert SYSTEM.is_admin
    assert not Actor(user_id="1", roles=frozenset({"user"})).is_staff
