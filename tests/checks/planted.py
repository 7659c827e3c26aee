"""Faults planted into environments that are sound without them."""

from __future__ import annotations

from dataclasses import dataclass

from tests.checks.make import Env

FAULTS = []
