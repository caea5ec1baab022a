"""Comments on patches: who may write, change and remove them."""

import unicodedata
from datetime import timedelta

import msgspec

from brutal_patches.actor import Actor
from brutal_patches.audit import daily
from brutal_patches.audit.entries import entry
from brutal_patches.clock import Clock, new_id, parse_rfc3339, timestamp
from brutal_patches.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from brutal_patches.feedback.model import Comment, CommentPage
from brutal_patches.http.cursors import Cursors
from brutal_patches.patches.service import Patches
from brutal_patches.storage import keys
from brutal_patches.storage.codec import from_item, to_item
from brutal_patches.storage.once import Once, recorded, write_once
from brutal_patches.storage.operations import Delete, Item, Put, Query, Update
from brutal_patches.storage.table import Table

EDITABLE = timedelta(minutes=15)


class Comments:
    """The use cases of comments."""

    def __init__(self, table: Table, clock: Clock, patches: Patches, cursors: Cursors) -> None:
        self._table = table
        self._clock = clock
        self._patches = patches
        self._cursors = cursors

    async def page(self, actor: Actor, patch_id: int, limit: int, cursor: str | None) -> CommentPage:
        """A patch's comments, newest first; what moderators have hidden is shown to staff and its author."""
        await self._patches.read(actor, patch_id)
        context = f"comments|{patch_id}"
        key = keys.comment(patch_id, str(self._cursors.open(cursor, context)[0])) if cursor else None
        start: Item | None = {"pk": key.pk, "sk": key.sk} if key else None
        # One more than is shown tells whether there is more.
        query = Query(keys.comments(patch_id), limit + 1, newest_first=True, start=start, consistent=True)
        found = [from_item(Comment, item) for item in (await self._table.query(query)).items]
        comments = found[:limit]
        shown = [each for each in comments if not each.hidden or actor.is_staff or actor.owns(each.user_id)]
        if len(found) <= limit:
            return CommentPage(comments=shown, has_more=False)
        return CommentPage(comments=shown, has_more=True, next_cursor=self._cursors.seal([comments[-1].id], context))

    async def write(self, actor: Actor, patch_id: int, text: str, mark: Once | None = None) -> Comment:
        """Say something about a patch that one can see."""
        if earlier := await recorded(self._table, mark):
            return msgspec.json.decode(earlier, type=Comment)
        await self._patches.read(actor, patch_id)
        comment = Comment(
            id=new_id(self._clock),
            patch_id=patch_id,
            user_id=actor.user_id,
            username=actor.username,
            text=_clean(text),
            created_at=timestamp(self._clock),
        )
        final = await write_once(
            self._table,
            mark,
            msgspec.json.encode(comment),
            Put(keys.comment(patch_id, comment.id), to_item(comment)),
            Put(keys.written_comment(actor.user_id, comment.id), {"id": comment.id, "patch_id": patch_id}),
            daily.happened(self._clock, "comments"),
        )
        return msgspec.json.decode(final, type=Comment)

    async def edit(self, actor: Actor, patch_id: int, comment_id: str, text: str) -> Comment:
        """Change what one said, within a quarter of an hour."""
        comment = await self.find(actor, patch_id, comment_id)
        if not actor.owns(comment.user_id):
            raise Forbidden("Only its author can change a comment.")
        if self._clock.now() - parse_rfc3339(comment.created_at) > EDITABLE:
            raise Conflict("A comment can be changed for 15 minutes; you can delete it and write another.")
        changed = await self._table.change(
            Update(
                keys.comment(patch_id, comment_id),
                "SET text = :text, edited_at = :now",
                {":text": _clean(text), ":now": timestamp(self._clock)},
                condition="attribute_exists(pk)",
                otherwise=_no_such_comment(),
            )
        )
        return from_item(Comment, changed)

    async def delete(self, actor: Actor, patch_id: int, comment_id: str) -> None:
        """Remove a comment: its author, the patch's owner and staff may."""
        record = await self._patches.read(actor, patch_id)
        comment = await self.find(actor, patch_id, comment_id)
        if not (actor.owns(comment.user_id) or actor.owns(record.owner_id) or actor.is_staff):
            raise Forbidden("Only its author, the patch's owner and moderators can delete a comment.")
        subject = f"comment/{patch_id}/{comment_id}"
        await self._table.write(
            Delete(keys.comment(patch_id, comment_id), "attribute_exists(pk)", otherwise=_no_such_comment()),
            Delete(keys.written_comment(comment.user_id, comment_id)),
            entry(actor, "comment.deleted", subject, self._clock, before={"by": comment.user_id, "text": comment.text}),
        )

    async def written_by(self, user_id: str, limit: int, before: str) -> list[Comment]:
        """The newest comments of a user, or those with ids before `before`; hidden ones too."""
        query = Query(keys.written_comments(user_id), limit, newest_first=True, before=before, consistent=True)
        lines = (await self._table.query(query)).items
        found = await self._table.get_many(
            [keys.comment(int(str(line["patch_id"])), str(line["id"])) for line in lines]
        )
        return [from_item(Comment, item) for item in found if item]

    async def find(self, actor: Actor, patch_id: int, comment_id: str) -> Comment:
        """One comment, if the actor may know of it."""
        await self._patches.read(actor, patch_id)
        item = await self._table.get(keys.comment(patch_id, comment_id))
        comment = from_item(Comment, item) if item else None
        if comment is None or (comment.hidden and not (actor.is_staff or actor.owns(comment.user_id))):
            raise _no_such_comment()
        return comment


def _no_such_comment() -> NotFound:
    return NotFound("There is no such comment.")


def _clean(text: str) -> str:
    clean = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    odd = any(unicodedata.category(each) in {"Cc", "Cs"} for each in clean.replace("\n", "").replace("\t", ""))
    if not clean or odd:
        fault = FieldError("text", "must be text without control characters")
        raise Invalid("This comment is not acceptable.", errors=[fault])
    return clean
