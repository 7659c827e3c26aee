"""Keeps a place in ``__pycache__``: its bytecode's file holds the bytecode of all modules.

:mod:`lockfiles.cli.bytecode` writes and reads it. Nothing imports this module, but installers know it: what
they remove or compile with it, they remove or compile anew together with the modules.
"""
