"""SHA-256 and BLAKE2b of short texts and small files, from Python itself.

``hashlib`` loads all of OpenSSL, whose SHA-256 is several times as fast: worth it for archives and for all
that comes from a network, which use it as they need it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["blake2b", "sha256"]

if TYPE_CHECKING:
    from hashlib import blake2b, sha256
else:
    try:
        from _blake2 import blake2b
    except ImportError:  # an interpreter that has it elsewhere
        from hashlib import blake2b
    try:
        from _sha2 import sha256  # from Python 3.12 on
    except ImportError:
        try:
            from _sha256 import sha256
        except ImportError:
            from hashlib import sha256
