"""Patches of all kinds, for properties that must hold for every one of them."""

from typing import Any

from hypothesis import strategies as st

from brutal_patches.patches.categories import CATEGORIES
from brutal_patches.patches.panel import CONTROLS, JACKS

TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=30)
SETTINGS = {control.field: st.integers(control.low, control.high) for control in CONTROLS}
CABLES = st.lists(
    st.fixed_dictionaries({"source": st.sampled_from(JACKS), "target": st.sampled_from(JACKS)}),
    max_size=16,
    unique_by=lambda cable: (cable["source"], cable["target"]),
)

SENT: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"title": TEXT.map(lambda text: f"x{text}"), **SETTINGS},
    optional={
        "description": TEXT,
        "modmatrix": CABLES,
        "tags": st.lists(TEXT.map(lambda text: f"t{text}"), max_size=5),
        "category": st.sampled_from([category.id for category in CATEGORIES]),
        "isPublic": st.booleans(),
    },
)
