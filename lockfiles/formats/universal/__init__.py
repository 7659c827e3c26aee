"""Lockfiles for many Pythons and platforms at once: one package model, and what it comes to on a target."""
