"""Environments on disk: what a lockfile puts there, beside the old one first, then in its place.

::

    fetching    archives, hashed by us          linking     conda's part, in a child process (rattler)
    planning    what comes, goes and stays      projects    the pip part, by uv, pip or `installer`
    staging     the copy that is worked on      relocation  the copy's path becomes the environment's
    swapping    the copy takes the place        marks       conda-meta's history, variables, and our own file
"""
