"""Patches against a model: who sees what, which version counts, what a total is."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from brutal_patches.cli.engine import Engine
from tests.client import Client
from tests.security.stateful import SIZE, Machine

WHO = st.sampled_from(["ada", "robin", "nobody"])
AUTHORS = st.sampled_from(["ada", "robin"])
TITLES = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=20)
PUBLIC = st.booleans()
PICK = st.integers(0, 99)


@dataclass
class Kept:
    """A patch as the model has it; `versions` tells of each, oldest first, whether it was public."""

    owner: str
    number: int
    title: str
    public: bool
    tag: str = ""
    deleted: bool = False
    versions: list[bool] = field(default_factory=list)

    def visible_to(self, who: str) -> bool:
        return not self.deleted and (self.public or who == self.owner)


class Patches(Machine):
    """Creates, edits, forks, deletes, restores and reads."""

    def __init__(self) -> None:
        super().__init__()
        self.callers: dict[str, Client] = {}
        self.patches: list[Kept] = []

    @initialize()
    def join(self) -> None:
        nobody = self.visitor()
        self.callers = {name: self.run(nobody.register(name)) for name in ("ada", "robin")} | {"nobody": nobody}
        # One that is private for now, and one that is everybody's.
        self.create("ada", "Secret", public=False)
        self.create("robin", "Open", public=True)

    def a_patch(self, pick: int) -> Kept:
        return self.patches[pick % len(self.patches)]

    def by(self, who: str, method: str, path: str, body: object = None, **more: Any) -> Any:
        return self.ask(self.callers[who], method, path, body, **more)

    def refusal(self, who: str, patch: Kept) -> int:
        """What `who` is told who may not change it; 0 for its owner."""
        if who == "nobody":
            return 401
        return 404 if not patch.visible_to(who) else 0 if who == patch.owner else 403

    @rule(who=AUTHORS, title=TITLES, public=PUBLIC)
    def create(self, who: str, title: str, public: bool) -> None:
        answer = self.by(who, "POST", "/api/patches", {"title": title, "isPublic": public})
        assert 201 == answer.status_code, answer.text
        told = answer.json()
        assert told["id"] > max((patch.number for patch in self.patches), default=0)
        self.patches.append(Kept(who, told["id"], told["title"], public, versions=[public]))

    @precondition(lambda self: self.patches)
    @rule(pick=PICK, who=WHO, title=TITLES, public=PUBLIC, seen=st.sampled_from(["", "held", "stale"]))
    def edit(self, pick: int, who: str, title: str, public: bool, seen: str) -> None:
        patch = self.a_patch(pick)
        path = f"/api/patches/{patch.number}"
        headers = {}
        if seen == "held" and patch.visible_to(patch.owner):
            headers = {"if-match": self.by(patch.owner, "GET", path).headers["etag"]}
        if seen == "stale" and patch.tag:
            headers = {"if-match": patch.tag}
        answer = self.by(who, "PUT", path, {"title": title, "isPublic": public}, headers=headers)
        stale = seen == "stale" and patch.tag
        assert (self.refusal(who, patch) or (412 if stale else 200)) == answer.status_code, answer.text
        if answer.status_code == 200:
            # The tag of before is stale from now on.
            patch.tag = headers.get("if-match", patch.tag)
            patch.title, patch.public = answer.json()["title"], public
            patch.versions.append(public)

    @precondition(lambda self: self.patches)
    @rule(pick=PICK, who=WHO)
    def fork(self, pick: int, who: str) -> None:
        patch = self.a_patch(pick)
        answer = self.by(who, "POST", f"/api/patches/{patch.number}/fork", {"title": "Fork"})
        expected = 401 if who == "nobody" else 201 if patch.visible_to(who) else 404
        assert expected == answer.status_code
        if expected == 201:
            told = answer.json()
            assert patch.number == told["parentId"]
            self.patches.append(Kept(who, told["id"], "Fork", told["isPublic"], versions=[told["isPublic"]]))

    @precondition(lambda self: self.patches)
    @rule(pick=PICK, who=WHO)
    def delete(self, pick: int, who: str) -> None:
        patch = self.a_patch(pick)
        status = self.by(who, "DELETE", f"/api/patches/{patch.number}").status_code
        assert (self.refusal(who, patch) or 204) == status
        patch.deleted = patch.deleted or status == 204

    @precondition(lambda self: self.patches)
    @rule(pick=PICK, who=WHO)
    def restore(self, pick: int, who: str) -> None:
        patch = self.a_patch(pick)
        status = self.by(who, "POST", f"/api/patches/{patch.number}/restore").status_code
        assert (401 if who == "nobody" else 200 if who == patch.owner else 404) == status
        if status == 200:
            patch.deleted = False

    @invariant()
    def history_shows_what_was_public(self) -> None:
        for patch in self.patches[:2]:
            for who in self.callers:
                answer = self.by(who, "GET", f"/api/patches/{patch.number}/history")
                assert (200 if patch.visible_to(who) else 404) == answer.status_code
                if answer.status_code == 200:
                    shown = [n for n, public in enumerate(patch.versions, 1) if public or who == patch.owner]
                    assert shown[::-1] == [version["version"] for version in answer.json()["versions"]]

    @invariant()
    def everybody_sees_what_is_theirs_to_see(self) -> None:
        for patch in self.patches[-3:]:
            for who in self.callers:
                answer = self.by(who, "GET", f"/api/patches/{patch.number}")
                assert (200 if patch.visible_to(who) else 404) == answer.status_code
                if answer.status_code == 200:
                    told = answer.json()
                    found = (told["title"], told["isPublic"], told["version"], told["username"])
                    assert (patch.title, patch.public, len(patch.versions), patch.owner) == found

    @invariant()
    def lists_and_totals_agree(self) -> None:
        public = {patch.number for patch in self.patches if patch.visible_to("nobody")}
        if self.callers:
            assert len(public) == self.by("nobody", "GET", "/api/patches/total").json()
            listed = self.by("nobody", "GET", "/api/patches").json()
            assert sorted(public) == sorted(patch["id"] for patch in listed)
            for who in ("ada", "robin"):
                own = sum(patch.owner == who and not patch.deleted for patch in self.patches)
                assert own == self.by(who, "GET", "/api/patches/my/total").json()


def test_patches_are_as_the_model_has_them(engine: Engine) -> None:
    """Whatever is done to them, by whom, in whatever order."""
    Patches.endpoint = engine.endpoint
    run_state_machine_as_test(Patches, settings=SIZE)
