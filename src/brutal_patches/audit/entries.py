"""Audit entries as writes. Nothing edits or deletes one."""

import msgspec

from brutal_patches.actor import Actor
from brutal_patches.clock import Clock, new_id, timestamp
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Item, Put


def entry(
    actor: Actor,
    action: str,
    subject: str,
    clock: Clock,
    *,
    before: object = None,
    after: object = None,
    reason: str = "",
) -> Put:
    """An entry for the transaction that does `action`, such as `patch.deleted`, to `subject`, such as `patch/12`.

    `before` and `after` are what changed, as anything that goes into JSON; secrets have no place in them.
    """
    moment = timestamp(clock)
    item: Item = {
        "action": action,
        "subject": subject,
        "actor": actor.user_id,
        "actor_name": actor.username,
        "address": actor.address,
        "request_id": actor.request_id,
        "at": moment,
        "before": _json(before),
        "after": _json(after),
        "reason": reason or None,
    }
    return Put(keys.audit_entry(moment[:10], moment, new_id(clock)), item)


def _json(value: object) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
