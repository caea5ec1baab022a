"""The patch that the API's documentation shows."""

from typing import Any

import msgspec

from brutal_patches.patches.model import Patch, PatchVersion
from brutal_patches.patches.submission import read_body

_BODY = read_body(
    {
        "title": "Sub Aqua",
        "description": "A slow bass under water. Open the cutoff by hand.",
        "overtone": 70,
        "triangle": 85,
        "cutoff": 28,
        "resonance": 35,
        "env_amt": 62,
        "amount": 20,
        "rate": 18,
        "decay": 45,
        "sustain": 60,
        "vca": 1,
        "modmatrix": [{"source": "mod-lfo", "target": "mod-filter"}],
        "tags": ["bass", "deep"],
        "category": "bass",
    }
)
_MOMENT = "2026-11-24T10:00:00.000000Z"

BODY: dict[str, Any] = msgspec.to_builtins(_BODY)
PATCH: dict[str, Any] = msgspec.to_builtins(
    Patch(**msgspec.structs.asdict(_BODY), id=1130, username="ada", created_at=_MOMENT, updated_at=_MOMENT)
)
VERSION: dict[str, Any] = msgspec.to_builtins(
    PatchVersion(patch_id=1130, version=1, body=_BODY, username="ada", created_at=_MOMENT, is_latest=True)
)
COMPARISON: dict[str, Any] = {
    "patch1": PATCH,
    "patch2": PATCH | {"id": 1131, "cutoff": 60},
    "differences": [{"field": "cutoff", "value1": 28, "value2": 60, "type": "changed"}],
    "similarity": 0.9909,
}
