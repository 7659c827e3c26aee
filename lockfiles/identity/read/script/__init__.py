"""Environments that a Python script makes by calls of Azure ML's SDKs, read and not run.

Modules, from the ground up: ``values`` (what an expression is known to be), ``conda_dependencies``
and ``environments`` (the SDKs' objects), ``paths`` and ``calls`` (what calls give),
``statements`` (a script from top to bottom), ``reading`` (definitions of a file).
"""
