"""Rules on where projects come from: a failing and a passing environment each."""

from __future__ import annotations

from tests.checks.make import Case, Env

OURS, PUBLIC = "https://packages.example.org/simple", "https://public.example.org/simple"
VARIANTS = "https://download.pytorch.org/whl/cu124"
TOOL, TORCH = "tool-99.0-py3-none-any.whl", "torch-2.6.0+cu124-cp311-cp311-linux_x86_64.whl"
SLIP, POPULAR = "reqeusts-1.0-py3-none-any.whl", "requests-2.32.0-py3-none-any.whl"

CASES = [
    Case(
        rule="supply/later-index",
        names=("tool", OURS, PUBLIC),
        fails=Env(pip=TOOL, shared=(f"tool: {OURS} *{PUBLIC}",)),
        passes=Env(pip=f"{TOOL} {TORCH}", shared=(f"tool: *{OURS} {PUBLIC}", f"torch: {PUBLIC} *{VARIANTS}")),
    ),
    Case(
        rule="supply/name-on-several-indexes",
        names=("tool", OURS, PUBLIC),
        severity="note",
        fails=Env(pip=TOOL, shared=(f"tool: *{OURS} {PUBLIC}",)),
        passes=Env(pip=TOOL),
    ),
    Case(
        rule="supply/near-popular-name",
        names=("reqeusts", "requests"),
        fails=Env(pip=SLIP),
        passes=Env(pip=f"{POPULAR} grequests-0.7-py3-none-any.whl scapy-2.6.1-py3-none-any.whl"),
    ),
]
