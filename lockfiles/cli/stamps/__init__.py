"""A lock that nothing has changed for, told again without being made.

As Make knows by a stamp file that a target is up to date. A run that leaves its lockfile as it is, and
whose answers are remembered, is watched (``witness``), and all that it read is written down: the stamp.
The same command again compares that with what is there now (``reading``), before anything else of the
program is loaded; where all is the same it says what the run said, and where anything is not, the
command runs as ever.
"""
