"""What is measured of a case: each a row of runs by side."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.all.cases import ALWAYS_ONLINE, CLASH, PARTS, PEERS, SHARE_OUR_CACHE, Case, Place, start
from benchmarks.side_by_side import Run, check

OURS = "lockstack"
Side = Callable[[], Run]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Runs of several sides of one question, in turn."""

    case: str
    state: str  #: ``cold``, ``searched``, ``nothing changed`` ...
    runs: dict[str, list[Run]]  #: by side; the first is ours


class Bench:
    """Runs what is measured of one case; ``pairs``: how often each side runs."""

    def __init__(self, case: Case, place: Place, pairs: int, *, clash: bool) -> None:
        self._case, self._place, self._pairs, self._clash = case, place, pairs, clash
        self._source = case.write(place.root)
        self._edited, self._longer = (case.write(place.root, how) for how in ("edited", "longer"))
        self._lock = place.root / f"{case.name}.conda-lock.yml"

    def measures(self) -> Iterator[Measure]:
        """Yield each measure as it is done."""
        yield self._measure("cold", self._cold(), 1)
        peers = {name: self._peer(name) for name in self._case.peers if name not in ALWAYS_ONLINE}
        yield self._measure("searched", {OURS: self._searched, **peers}, self._pairs)
        first = dict(list(peers.items())[:1])
        yield self._measure("nothing kept of searches", {OURS: self._searched_anew, **first}, self._pairs)
        self._search_parts()
        yield self._measure("searched for the first time", {OURS: self._searched_first, **first}, self._pairs)
        self._unchanged()  # pins to keep make another question than none: the answer to it is kept
        yield self._measure("nothing changed", {OURS: self._unchanged, **first}, self._pairs)
        yield self._measure("one line edited", {OURS: self._line_edited, **first}, self._pairs)
        yield self._package_added()
        if self._clash:
            yield self._unsolvable()
            yield from self._verbs()

    def _measure(self, state: str, sides: dict[str, Side], count: int) -> Measure:
        runs: dict[str, list[Run]] = {name: [] for name in sides}
        for _ in range(count):
            for name, side in sides.items():
                runs[name].append(check(f"{self._case.name}, {state}, {name}", side()))
        return Measure(case=self._case.name, state=state, runs=runs)

    # -- locks ------------------------------------------------------------------------------------

    def _ours(self, source: Path, output: Path, *more: str) -> Run:
        return start(self._place.lock(source, output, *self._case.target, *more))

    def _peer(self, name: str, *more: str) -> Side:
        offline = () if name in ALWAYS_ONLINE else ("--offline",)
        command = PEERS[name](self._case, self._source, self._place, more or offline)
        return lambda: start(command)

    def _cold(self) -> dict[str, Side]:
        """Return runs that find nothing; each leaves its cache for the later ones."""
        peers: dict[str, Side] = {}
        for name in (peer for peer in self._case.peers if peer not in SHARE_OUR_CACHE):
            command = PEERS[name](self._case, self._source, self._place, ())
            peers[name] = lambda command=command: start(command)  # type: ignore[misc]
        return {OURS: lambda: self._ours(self._source, self._lock, "--update-all"), **peers}

    def _searched(self) -> Run:
        self._place.forget_answers()
        return self._ours(self._source, self._place.root / "searched.yml", "--update-all", "--offline")

    def _unchanged(self) -> Run:
        return self._ours(self._source, self._lock, "--offline")

    def _searched_anew(self) -> Run:
        """Lock as with a program that has just been renewed: of earlier searches nothing holds."""
        self._place.forget_answers(packs=True)
        return self._ours(self._source, self._place.root / "searched.yml", "--update-all", "--offline")

    def _search_parts(self) -> None:
        """Lock other files with the same packages, and keep what is kept of them."""
        self._place.forget_answers(packs=True)
        for number in range(PARTS):
            part = self._case.write(self._place.root, f"part-{number}")
            output = self._place.root / f"{part.stem}.conda-lock.yml"
            check(f"{self._case.name}, {part.name}", self._ours(part, output, "--update-all"))
        self._place.keep_packs()

    def _searched_first(self) -> Run:
        """Lock as one who has locked other files with the same packages, but never this one."""
        self._place.give_packs_back()
        return self._ours(self._source, self._place.root / "searched.yml", "--update-all", "--offline")

    def _line_edited(self) -> Run:
        """Lock the edited file over the lockfile of the other."""
        return self._over_earlier(self._edited, "--offline")

    def _package_added(self) -> Measure:
        """Return the runs on the file with one package more, whose pages all sides have."""
        name = self._case.peers[0]
        check(f"{self._case.name}, one more", self._over_earlier(self._longer))
        command = PEERS[name](self._case, self._longer, self._place, ())
        check(f"{self._case.name}, one more, {name}", start(command))
        offline = PEERS[name](self._case, self._longer, self._place, ("--offline",))
        sides: dict[str, Side] = {
            OURS: lambda: self._over_earlier(self._longer, "--offline"),
            name: lambda: start(offline),
        }
        return self._measure("one package added", sides, self._pairs)

    def _over_earlier(self, source: Path, *more: str) -> Run:
        """Lock a file over the lockfile of the plain one."""
        self._place.forget_answers()
        output = self._place.root / "edited.yml"
        shutil.copy(self._lock, output)
        return self._ours(source, output, *more)

    # -- what else there is -----------------------------------------------------------------------

    def _unsolvable(self) -> Measure:
        """Return the runs on a file whose lines clash: all must end with exit code 4."""
        source = self._place.root / "clash.yml"
        before, after = CLASH
        source.write_text(self._source.read_text().replace(f"{before}\n", f"{after}\n", 1))
        verb = [sys.executable, "-m", "lockfiles.cli", "explain", source, *self._target(), "--offline"]
        peer = self._case.peers[0]
        sides: dict[str, Side] = {
            OURS: lambda: self._ours(source, self._place.root / "clash.lock", "--offline"),
            "lock explain": lambda: start(verb),
            peer: lambda: start(PEERS[peer](self._case, source, self._place, ("--offline",))),
        }
        runs: dict[str, list[Run]] = {name: [] for name in sides}
        for _ in range(self._pairs):
            for name, side in sides.items():
                done = side()
                if done.code != 4:
                    raise SystemExit(f"{name} took the clash ({done.code}):\n{done.errors[-1000:]}")
                runs[name].append(done)
        return Measure(case=self._case.name, state="unsolvable", runs=runs)

    def _target(self) -> list[str | Path]:
        place = self._place
        return ["-p", "linux-64", "--channel-alias", place.channels, "--cache-dir", place.cache]

    def _verbs(self) -> Iterator[Measure]:
        """Yield what the verbs that read take; their start-up beside them."""
        cli = [sys.executable, "-m", "lockfiles.cli"]
        other = self._place.root / "edited.yml"
        again = self._place.lock(self._source, self._lock, *self._case.target)
        commands: dict[str, Sequence[str | Path]] = {
            "lock --help": [*cli, "--help"],
            "lock --check": [*again, "--check", "--offline"],
            "lock check": [*cli, "check", self._lock],
            "lock hash": [*cli, "hash", self._source],
            "lock diff": [*cli, "diff", self._lock, other],
            "lock why": [*cli, "why", "openssl", self._lock],
            "conda-lock's parse": [sys.executable, "-c", _PARSE, self._lock],
            "python -c pass": [sys.executable, "-c", "pass"],
        }  # fmt: skip
        runs: dict[str, list[Run]] = {name: [] for name in commands}
        for _ in range(self._pairs):
            for name, command in commands.items():
                done = start(command)
                if done.code not in (0, 5):
                    raise SystemExit(f"{name} failed ({done.code}):\n{done.errors[-1000:]}")
                runs[name].append(done)
        for name, own in runs.items():
            yield Measure(case=self._case.name, state=name, runs={OURS: own})


_PARSE = """
import sys
from pathlib import Path
from conda_lock.lockfile import parse_conda_lock_file
parse_conda_lock_file(Path(sys.argv[1]))
"""
