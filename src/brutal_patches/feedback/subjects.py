"""What reports and decisions are about, by the names that the queue gives to it."""

import re

import msgspec

from brutal_patches.errors import NotFound
from brutal_patches.feedback.model import Kind
from brutal_patches.patches import store
from brutal_patches.storage import keys
from brutal_patches.storage.keys import Key
from brutal_patches.storage.operations import Update

_SUBJECTS = re.compile(r"(?:patch/\d{1,15}|comment/\d{1,15}/\w{1,40}|user/[\w-]{1,40})", re.ASCII)


class Subject(msgspec.Struct, frozen=True):
    """A patch, a comment or a user: `patch/12`, `comment/12/01k…`, `user/01k…`; `name` is what follows the kind."""

    text: str
    kind: Kind
    name: str

    @property
    def key(self) -> Key:
        """Where it lies."""
        if self.kind == "patch":
            return keys.patch(int(self.name))
        if self.kind == "user":
            return keys.user(self.name)
        patch_id, _, comment_id = self.name.partition("/")
        return keys.comment(int(patch_id), comment_id)

    def hiding(self, reason: str, moment: str) -> Update:
        """Take it from sight, or show it again where there is no `reason`; its author sees why."""
        if self.kind == "patch":
            return store.hide(int(self.name), reason, moment)
        change, values = ("SET hidden = :why", {":why": reason}) if reason else ("REMOVE hidden", {})
        gone = NotFound("The comment is gone already.")
        return Update(self.key, change, values, "attribute_exists(pk)", gone)


def subject_of(item_id: str) -> Subject:
    """The subject of a queue's item; NotFound for what cannot be one."""
    text = item_id.replace(":", "/")
    if not _SUBJECTS.fullmatch(text):
        raise NotFound("There is no such item in the queue.")
    kind, _, name = text.partition("/")
    return Subject(text, msgspec.convert(kind, Kind), name)
