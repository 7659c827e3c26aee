"""A channel in a folder: its state is told by times, size and number of the repodata file."""

from __future__ import annotations

import contextlib
import sys
from functools import partial
from pathlib import Path

from resolver.errors import SourceError
from resolver.model.channels import Channel
from resolver.sources.cache.folder import Cache
from resolver.sources.cache.tables import KeptTable, make_table, open_table
from resolver.sources.conda.forms import FORMS, bucket_of, is_sharded, kind_of, table_writer
from resolver.sources.conda.subdirs import ChannelSubdir, IndexedSubdir, ShardedSubdir
from resolver.sources.http.fetching import Fetcher
from resolver.sources.http.local import local_path, open_regular, state_of
from resolver.sources.limits import LimitError

#: Bytes. Two processes read a smaller file sooner than one of them has loaded what locking takes.
_WORTH_A_LOCK = 4 << 20


def open_local(channel: Channel, subdir: str, fetcher: Fetcher, cache: Cache) -> ChannelSubdir | None:
    """Return the subdir, None where no form of repodata is there.

    Raises SourceError for a file that can't be read or is damaged.
    """
    folder = local_path(channel.base_url).absolute() / subdir
    for form in FORMS:
        path = folder / form
        sys.audit("lockstack.state", str(path))
        try:
            facts = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise SourceError(f"can't be read: {error.strerror}", str(path)) from None
        source = state_of(facts)
        alone = facts.st_size < _WORTH_A_LOCK
        made = partial(_table, path, form, source, cache, fetcher, alone=alone)
        if is_sharded(form):
            return ShardedSubdir(
                channel, subdir, made(), made, bases=(channel.base_url,), fetcher=fetcher, cache=cache
            )
        return IndexedSubdir(channel, subdir, made(), made)
    return None


def _table(path: Path, form: str, source: str, cache: Cache, fetcher: Fetcher, *, alone: bool) -> KeptTable:
    """Open the kept table of a file, or make it: once, if several processes want it and not ``alone``."""
    bucket, key = bucket_of(form), str(path)
    kept = open_table(cache, bucket, key, source)
    if kept is not None:
        return kept
    with contextlib.nullcontext() if alone else cache.lock(bucket, key):
        kept = open_table(cache, bucket, key, source)
        if kept is not None:
            return kept
        limits = fetcher.settings.limits
        fetcher.reporter.index_started(str(path))
        try:
            with open_regular(path, limits.bound(kind_of(form)).unpacked) as file:
                writer = table_writer(form, file, source, cache, limits)
                return make_table(cache, bucket, key, source, writer)
        except LimitError as error:
            raise SourceError(f"is not read: {error.reason}", str(path), error.hint) from None
        except ValueError as error:
            raise SourceError(f"is damaged: {error}", str(path)) from None
        except OSError as error:
            raise SourceError(f"can't be read: {error.strerror}", str(path)) from None
        finally:
            fetcher.reporter.index_done(str(path))
