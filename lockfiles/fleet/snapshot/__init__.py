"""What jobs rest on as one read-only snapshot, for workers that share no file system with this process.

::

    this process                                              a worker elsewhere
    ────────────                                              ──────────────────
    sources ── asked once, with its credentials ──> store     resolver ── address ──> RemoteTape
    inputs, settings ── packed once ──────────────> files        │                        │
                          by SHA-256                          own folder of the run       │
                              └──────── service (Dask's own transport, not its graph) <───┘

A job's parcel has paths, digests and settings without secrets; bytes go from the service to the worker.
"""
