"""Graphs of lockfiles, of two of them, and of conflicts: as values, as files of graph tools, as one page."""
