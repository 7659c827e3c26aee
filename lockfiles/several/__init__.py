"""Several environments in one lockfile: which they are, locked together, looked at again.

::

    planning   what is asked for -> problems (one solve each) with their parts (one environment each)
    earlier    the pixi.lock that stands at the place, environment by environment
    parts      a resolution -> its environments, and back
    locking    problems -> one text; sources are opened once for all of them
    freshness  is the file an answer?
"""
