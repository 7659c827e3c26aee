"""Rows of the table of settings: where packages come from, and which of them are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lockfiles.settings import kinds
from lockfiles.settings.definition import Decides, Definition, Flag, Group
from lockfiles.settings.public_index import default_index_url

if TYPE_CHECKING:
    from resolver.model.channels import ChannelPriority


def _strict() -> ChannelPriority:
    from resolver.model.channels import ChannelPriority

    return ChannelPriority.STRICT


CONDA_ROWS = (
    Definition(
        name="channels", kind=kinds.CHANNELS, default=(), default_words="`defaults`",
        aliases=("channel",), conda="channels", decides=Decides.CHANNELS,
        flag=Flag(
            name="--channel", metavar="CHANNEL", help="a channel instead of the input's; may be repeated"
        ),
        text="Channels in order of priority, for inputs that name none. From a flag or a variable they stand "
        "in place of those that the input names.",
    ),
    Definition(
        name="channel_alias", kind=kinds.PLACE, default_words="conda's own", conda="channel_alias",
        decides=Decides.ADDRESSES,
        flag=Flag(
            name="--channel-alias", metavar="URL_OR_PATH", help="where channels with a plain name lie"
        ),
        text="Where channels with a plain name lie. `defaults` lies there too, unless the alias is from "
        "conda's configuration.",
    ),
    Definition(
        name="channel_priority", kind=kinds.PRIORITY, default_words="`strict`", make_default=_strict,
        conda="channel_priority", decides=Decides.TARGET,
        flag=Flag(
            name="--channel-priority",
            help="strict (default): a package comes from the first channel that has it",
        ),
        text="`strict`: a package comes from the first channel that has it. `flexible`: earlier channels are "
        "tried first. `disabled`: the version decides, of equal ones the earlier channel.",
    ),
    Definition(
        name="default_channels", kind=kinds.CHANNELS, default_words="conda's own", conda="default_channels",
        decides=Decides.CHANNELS,
        text="The channels that `defaults` stands for.",
    ),
    Definition(
        name="custom_channels", kind=kinds.PLACE_TABLE, default={}, conda="custom_channels",
        decides=Decides.ADDRESSES,
        text="Channel name to the address or folder above it.",
    ),
    Definition(
        name="custom_multichannels", kind=kinds.LIST_TABLE, default={}, conda="custom_multichannels",
        decides=Decides.CHANNELS,
        text="A name to the channels that it stands for.",
    ),
    Definition(
        name="mirrors", kind=kinds.LIST_TABLE, default={}, conda="mirrored_channels",
        because="a mirror has the files of its channel, and the lockfile names the channel",
        text="Channel name, address or start of an address to addresses that are asked before it, in order.",
    ),
)  # fmt: skip

PYPI_ROWS = (
    Definition(
        name="index_url", kind=kinds.PLACE, default_words="the public index", make_default=default_index_url,
        pip=("index-url", "pypi-url"), decides=Decides.INDEXES,
        flag=Flag(name="--index-url", metavar="URL", help="the package index (as pip's)"),
        text="The main index. What the input says counts more than settings files.",
    ),
    Definition(
        name="extra_index_urls", kind=kinds.PLACES, default=(), aliases=("extra-index-url",),
        pip=("extra-index-url",), decides=Decides.INDEXES,
        flag=Flag(
            name="--extra-index-url", metavar="URL",
            help="an index that is asked before --index-url; may be repeated",
        ),
        text="Indexes that are asked before the main one, in order.",
    ),
    Definition(
        name="indexes", kind=kinds.PLACE_TABLE, default={}, decides=Decides.CHANGED,
        text="Indexes with names of your own. One that `package-indexes` names serves those projects alone.",
    ),
    Definition(
        name="package_indexes", kind=kinds.PROJECT_TABLE, default={}, decides=Decides.ALWAYS,
        text="Project to the one index that it comes from.",
    ),
    Definition(
        name="torch_backend", kind=kinds.TORCH_BACKEND, decides=Decides.CHANGED,
        flag=Flag(
            name="--torch-backend", metavar="LABEL", is_late=True,
            help="take torch and its family from PyTorch's own index: cpu, cu124, rocm6.2, xpu",
        ),
        text="Take torch, torchvision, torchaudio and what else PyTorch publishes in variants from PyTorch's "
        "own index for one: `cpu`, `cu124`, `rocm6.2`, `xpu`. All else comes from the usual indexes, "
        "and `package-indexes` wins for a project that it names.",
    ),
    Definition(
        name="index_strategy", kind=kinds.choice("first-index", "unsafe-best-match"), default="first-index",
        decides=Decides.ALWAYS,
        flag=Flag(
            name="--index-strategy",
            help="first-index (default): a project comes from the first index that has it",
        ),
        text="`first-index`: the first index that has a project gives all its files, so that a private "
        "project is never replaced by a public one of its name. `unsafe-best-match`: the files of all "
        "indexes together, as pip does.",
    ),
    Definition(
        name="find_links", kind=kinds.PLACES, default=(), pip=("find-links",), decides=Decides.CHANGED,
        flag=Flag(
            name="--find-links", metavar="URL_OR_PATH",
            help="a page or folder of wheels and sdists; may be repeated",
        ),
        text="Pages or folders of wheels and sdists, looked at beside the indexes.",
    ),
    Definition(
        name="no_index", kind=kinds.BOOLEAN, default=False, pip=("no-index",), decides=Decides.INDEXES,
        flag=Flag(name="--no-index", help="ask no index: only --find-links"),
        text="Ask no index, only `find-links`. An index from a flag or a variable is asked all the same.",
    ),
)  # fmt: skip

SEARCH_ROWS = (
    Definition(
        name="pip_from_conda", kind=kinds.choice("if-present", "prefer", "never"), default="if-present",
        decides=Decides.CHANGED,
        flag=Flag(
            name="--pip-from-conda", is_late=True,
            help="if-present (default): a pip line is met by a conda package that is there anyway",
        ),
        text="What conda may do for pip requirements. `if-present`: a conda package that is there for "
        "conda's sake meets them, and none comes in for theirs. `prefer`: a pip line may bring a conda "
        "package in where no release of the index will do; each line met by conda is named. `never`: a conda "
        "package where a pip line wants the project is a conflict (but for pip, setuptools and wheel, which "
        "come with conda's Python); what only PyPI packages need may still be met.",
    ),
    Definition(
        name="resolution", kind=kinds.choice("highest", "lowest", "lowest-direct"), default="highest",
        decides=Decides.TARGET,
        flag=Flag(
            name="--resolution", is_late=True,
            help="lowest: each package at the lowest version that its bounds allow; lowest-direct: what "
            "lines ask for alone",
        ),
        text="Which versions are the best, in uv's words. `highest`: the newest. `lowest`: of every package "
        "the lowest that the bounds allow, to test lower bounds. `lowest-direct`: the lowest of what lines "
        "ask for and the newest of all else. Conda and PyPI alike; python and pip that only pip lines "
        "need stay the newest, as does conda's pip where no line bounds it from below. Channel priority "
        "and track_features come before versions as ever, and pre-releases count as ever. The lockfile "
        "records it; pins of one made otherwise don't stay.",
    ),
    Definition(
        name="pre", kind=kinds.BOOLEAN, default=False, pip=("pre",), decides=Decides.ALWAYS,
        flag=Flag(name="--pre", help="take pre-releases of any project"),
        text="Take pre-releases of every project. Without it one is taken where a requirement names one, "
        "or no final release meets all that is asked of the project.",
    ),
    Definition(
        name="override_dependencies", kind=kinds.REQUIREMENTS, default=(), decides=Decides.CHANGED,
        flag=Flag(
            name="--override", metavar="REQUIREMENT", is_late=True,
            help="stands in place of every requirement on its project; may be repeated",
        ),
        text="Requirements that stand in place of every requirement on their projects, your own lines and "
        "those of releases, as uv's: markers and extras of what is replaced go too. What conda packages "
        "depend on, and constraints, stay as they are. They add to those of `[tool.uv]`, "
        "`[tool.pdm.resolution]` and `[pypi-options]`.",
    ),
    Definition(
        name="exclude_dependencies", kind=kinds.PROJECTS, default=(), decides=Decides.CHANGED,
        text="Projects that nothing asks for any more: requirements on them are left out, your own lines and "
        "those of releases. What conda packages depend on stays.",
    ),
    Definition(
        name="no_build", kind=kinds.BOOLEAN, default=False, decides=Decides.CHANGED,
        flag=Flag(
            name="--no-build", help="never build an sdist to learn what it needs", is_late=True
        ),
        text="Never run a source distribution's build backend; sdists are left out.",
    ),
    Definition(
        name="build_network", kind=kinds.BOOLEAN, default=False, decides=Decides.CHANGED,
        text="Whether a build backend may use the network. Without it only wheels are installed for it, and "
        "it runs cut off where the system can do that (`unshare` or `bwrap` on Linux); elsewhere it is said.",
    ),
    Definition(
        name="build_timeout", kind=kinds.SECONDS, default=600.0, decides=Decides.CHANGED,
        text="Longest time of a build, its tools included. Its process group is ended then, and the "
        "release is left out.",
    ),
    Definition(
        name="no_build_isolation_package", kind=kinds.PROJECTS, default=(), decides=Decides.CHANGED,
        text="Projects whose builds run in the environment that runs `lock`, with the packages that are "
        "installed there: for a build that needs what it doesn't ask for.",
    ),
    Definition(
        name="extra_build_dependencies", kind=kinds.REQUIREMENT_TABLE, default={}, decides=Decides.CHANGED,
        text="Project to what its build gets besides what it asks for: `flash-attn = [\"torch\"]`.",
    ),
    Definition(
        name="extra_build_variables", kind=kinds.VARIABLE_TABLE, default={}, decides=Decides.CHANGED,
        text="Project to variables that its build finds in its environment, besides the usual ones of "
        "compilers: `flash-attn = {FLASH_ATTENTION_SKIP_CUDA_BUILD = \"TRUE\"}` needs no CUDA toolkit. As an "
        "environment variable: `PROJECT:NAME=VALUE`, several with blanks between.",
    ),
    Definition(
        name="dependency_metadata", kind=kinds.METADATA_TABLE, default={}, decides=Decides.CHANGED,
        text="What a release requires, given by hand where only a build could tell: `NAME` or "
        "`NAME==VERSION` to a list of requirements. What its wheels say doesn't count then, and its sdist is "
        "neither fetched for that nor built. Of a folder or repository that doesn't say its version by "
        "itself, write `NAME==VERSION`. "
        "uv's list of tables (`name`, `version`, `requires-dist`) is read as well.",
    ),
    Definition(
        name="no_binary", kind=kinds.PROJECTS, default=(), pip=("no-binary",), decides=Decides.CHANGED,
        flag=Flag(
            name="--no-binary", metavar="NAME", is_late=True,
            help="take no wheels of this project (or :all:); may be repeated",
        ),
        text="Projects of which no wheel is taken. Lines of a requirements file are read after it, and the "
        "later one wins for a name.",
    ),
    Definition(
        name="only_binary", kind=kinds.PROJECTS, default=(), pip=("only-binary",), decides=Decides.CHANGED,
        flag=Flag(
            name="--only-binary", metavar="NAME", is_late=True,
            help="take no sdists of this project (or :all:); may be repeated",
        ),
        text="Projects of which no sdist is taken; else as `no-binary`.",
    ),
    Definition(
        name="prefer_binary", kind=kinds.BOOLEAN, default=False, pip=("prefer-binary",),
        decides=Decides.CHANGED,
        flag=Flag(name="--prefer-binary", help="take wheels before newer sdists", is_late=True),
        text="Take releases that have wheels before newer ones that have none, as pip does. One such line in "
        "a requirements file counts for all projects.",
    ),
    Definition(
        name="require_hashes", kind=kinds.BOOLEAN, default=False, pip=("require-hashes",),
        decides=Decides.CHANGED,
        flag=Flag(
            name="--require-hashes", help="take no file from an index without a given --hash", is_late=True
        ),
        text="pip's hash-checking mode: each pip requirement is pinned with `==` and has a `--hash`, and so "
        "has every project that comes in as a dependency. One such line in a requirements file is enough. "
        "Conda packages have the hashes of their channel.",
    ),
    Definition(
        name="exclude_newer", kind=kinds.MOMENT, decides=Decides.TARGET,
        flag=Flag(name="--exclude-newer", metavar="DATE", help="leave out what was published later"),
        text="Leave out what was published later. A date counts to its end (UTC). An age such as `7 days`, "
        "`36 hours` or `P7D` leaves out what is younger, counted from the beginning of today (UTC): the "
        "date stands in the lockfile, and holds until the lockfile changes for another reason.",
    ),
    Definition(
        name="exclude_newer_except", kind=kinds.EXEMPT, default=(), decides=Decides.CHANGED,
        flag=Flag(
            name="--exclude-newer-except", metavar="NAME", is_late=True,
            help="a package, or CHANNEL::*, for which --exclude-newer doesn't hold; may be repeated",
        ),
        text="What `exclude-newer` doesn't hold for: a package of either ecosystem by its name, "
        "`CHANNEL::PACKAGE`, or `CHANNEL::*` for all that a channel has.",
    ),
    Definition(
        name="admit_undated", kind=kinds.BOOLEAN, default=False, decides=Decides.CHANGED,
        flag=Flag(
            name="--admit-undated", help="let what has no date in, whatever --exclude-newer says",
            is_late=True,
        ),
        text="Take records and files that have no date for old enough. Without it `exclude-newer` leaves "
        "them out, as nobody knows when they were published.",
    ),
    Definition(
        name="name_map", kind=kinds.PATH, decides=Decides.CHANGED,
        flag=Flag(
            name="--name-map", metavar="FILE", help="additions to the table of conda and PyPI names"
        ),
        text="Additions to the table of which conda package is which PyPI project. The file's content counts "
        "for the lockfile, not its place.",
    ),
    Definition(
        name="engine", kind=kinds.choice("lockstack", "resolvelib"), default="lockstack",
        decides=Decides.CHANGED,
        flag=Flag(name="--engine", help="the search to use", group=Group.OWN, verbs=frozenset({"lock"})),
        text="The search to use: our own, proven best, or resolvelib's.",
    ),
    Definition(
        name="search_limit", kind=kinds.STEPS, default=100_000,
        because="it only says when a search is given up",
        flag=Flag(
            name="--search-limit", metavar="CONFLICTS", is_late=True,
            help="give up after so many conflicts (default: 100000; 0: never)",
        ),
        text="How many conflicts a search may meet until it has a solution or a proof that there is none; "
        "behind that it ends as not decided (exit code 4). Real environments meet fewer than a hundred, "
        "puzzles thousands in a second or two. 0: no limit. What comes after the first solution has "
        "limits of its own, and says where one ended it. An answer that the cache remembers "
        "counts under its own limit alone: what a run ends with depends on no cache.",
    ),
)  # fmt: skip
