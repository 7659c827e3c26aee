"""Tests of lockfiles/fleet."""
