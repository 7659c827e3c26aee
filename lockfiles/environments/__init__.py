"""Environments on disk: what a lockfile puts there, beside the old one first, then in its place.

::

    names_checked  names that may become files   planning      what comes, goes and stays
    fetching       archives, hashed by us        staging       the copy that is worked on
    linking        conda's part, in link_child   projects      the pip part: uv, pip or `installer`
    origins        PEP 610's direct_url.json     relocation    the copy's path becomes the environment's
    marking        history, variables, our file  judging       the copy beside the lockfile
    swapping       the copy takes the place      activation    the line for a shell

``building`` runs these in order; ``installed`` and ``marks`` read what is there, ``removal`` takes a
project out, ``virtual`` makes an environment for lockfiles without a Python, ``processes`` runs programs.
"""
