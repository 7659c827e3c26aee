"""Rows of the table of settings: the target, the network, files and messages."""

from __future__ import annotations

from lockfiles.settings import kinds
from lockfiles.settings.definition import ASKING, SOLVING, Decides, Definition, Flag, Group

_SAME_FILES = "it says how a server is reached, not what it says"
_OR_AN_ERROR = "what is beyond the limit is an error, never another answer"

TARGET_ROWS = (
    Definition(
        name="platforms", kind=kinds.PLATFORMS, default=(),
        default_words="those of the input, else `linux-64`",
        aliases=("platform",), decides=Decides.TARGET,
        flag=Flag(
            name="--platform", short="-p", metavar="PLATFORM", group=Group.TARGET,
            help="linux-64, osx-arm64, win-64 ...; may be repeated", verbs=SOLVING - {"sync"},
        ),
        text="Platforms to lock for. From a flag or a variable they stand in place of the input's.",
    ),
    Definition(
        name="python", kind=kinds.PYTHONS, default=(), default_words="what the input asks for",
        decides=Decides.TARGET,
        flag=Flag(
            name="--python", metavar="VERSION", group=Group.TARGET,
            help="the interpreter; with conda packages, a limit for conda's python; several "
            "(`3.11,3.12`) are environments of one pixi.lock",
        ),
        text="The interpreter, where the input asks for no conda package; else one more constraint on "
        "conda's python (`3.12` admits every 3.12). Several are environments of one lockfile (`py311`, "
        "`py312` ...), which `lock` alone makes; other verbs want one.",
    ),
    Definition(
        name="virtual_packages", kind=kinds.VIRTUAL_PACKAGES, default=(), default_words="a dated profile",
        aliases=("virtual-package",), adds_up=True, decides=Decides.TARGET,
        flag=Flag(
            name="--virtual-package", metavar="NAME=VERSION", group=Group.TARGET,
            help="a fact about the target, such as __cuda=12.4; may be repeated",
        ),
        text="Facts about the target, such as `__cuda=12.4`; an empty version takes one away. Those of all "
        "places add up, nearer ones win.",
    ),
    Definition(
        name="this_machine", kind=kinds.BOOLEAN, default=False, decides=Decides.TARGET,
        flag=Flag(
            name="--this-machine", group=Group.TARGET,
            help="take the target's facts from the machine that locks",
        ),
        text="Take virtual packages from the machine that locks.",
    ),
)  # fmt: skip

NETWORK_ROWS = (
    Definition(
        name="offline", kind=kinds.BOOLEAN, default=False,
        because="it says how old metadata may be, not what is asked",
        flag=Flag(name="--offline", help="use only what is in the cache", verbs=ASKING),
        text="Use only what is in the cache.",
    ),
    Definition(
        name="cache_dir", kind=kinds.PATH, default_words="the user's cache folder",
        because="the cache holds what servers said",
        flag=Flag(name="--cache-dir", metavar="DIR", help="where downloads are kept", verbs=ASKING),
        text="Where downloads are kept.",
    ),
    Definition(
        name="ssl_verify", kind=kinds.BOOLEAN, default=True, conda="ssl_verify", because=_SAME_FILES,
        text="Check the certificates of servers. In conda's configuration it may also name a bundle.",
    ),
    Definition(
        name="cert", kind=kinds.PATH, default_words="`SSL_CERT_FILE` and its like, else certifi's",
        pip=("cert",), because=_SAME_FILES,
        flag=Flag(
            name="--cert", metavar="FILE", group=Group.NETWORK, verbs=ASKING,
            help="certificate authorities to trust (PEM)",
        ),
        text="Bundle (PEM) or folder of the certificate authorities to trust.",
    ),
    Definition(
        name="client_cert", kind=kinds.PATH, conda="client_ssl_cert", pip=("client-cert",),
        because=_SAME_FILES,
        flag=Flag(
            name="--client-cert", metavar="FILE", group=Group.NETWORK, verbs=ASKING,
            help="certificate and key to show to servers (PEM)",
        ),
        text="Certificate to show to servers that ask for one (PEM), with its private key in the same file "
        "unless `client-key` names another. The key has no password.",
    ),
    Definition(
        name="client_key", kind=kinds.PATH, default_words="in the file of `client-cert`",
        conda="client_ssl_cert_key", because=_SAME_FILES,
        text="Private key of `client-cert`, where it lies apart.",
    ),
    Definition(
        name="trusted_hosts", kind=kinds.HOSTS, default=(), aliases=("trusted-host",), pip=("trusted-host",),
        because=_SAME_FILES,
        flag=Flag(
            name="--trusted-host", metavar="HOST[:PORT]", group=Group.NETWORK, verbs=ASKING,
            help="don't check the certificate of this host; may be repeated",
        ),
        text="Hosts whose certificate isn't checked, with their port or for every port. Those of a "
        "requirements file are added.",
    ),
    Definition(
        name="proxies", kind=kinds.PROXIES, default={}, default_words="`HTTPS_PROXY` and its like",
        conda="proxy_servers", pip=("proxy",), because=_SAME_FILES,
        text="`http`, `https`, `all` or `SCHEME://HOST` to the address of a proxy. For a scheme that isn't "
        "named the variables `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` count.",
    ),
    Definition(
        name="timeout", kind=kinds.SECONDS, default=30.0, conda="remote_read_timeout_secs",
        pip=("timeout", "default-timeout"), because=_SAME_FILES,
        flag=Flag(
            name="--timeout", metavar="SECONDS", group=Group.NETWORK,
            help="longest silence of a server (default: 30)",
            verbs=ASKING - {"explain"},
        ),
        text="Longest silence of a server. (`lock explain --timeout` is about its search for changes; this "
        "setting's variable and key count there too.)",
    ),
    Definition(
        name="retries", kind=kinds.COUNT, default=3, conda="remote_max_retries", pip=("retries",),
        because=_SAME_FILES,
        flag=Flag(
            name="--retries", metavar="N", group=Group.NETWORK, verbs=ASKING,
            help="how often to ask again where an answer fails to come (default: 3)",
        ),
        text="How often to ask again where a server fails, answers 429 or 5xx, or breaks off.",
    ),
    Definition(
        name="size_limits", kind=kinds.SIZES, default={}, default_words="several times the largest known",
        because=_OR_AN_ERROR,
        text="Largest size of what is read, by kind: `repodata`, `shard-list`, `shard`, `page`, `metadata`, "
        "`range`, `input`, `sdist`, `archive`; in bytes, or as `64 MiB`. What is larger, as sent or after "
        "decompression, is a fault of its source.",
    ),
    Definition(
        name="download_deadline", kind=kinds.SECONDS, default=3600.0, because=_OR_AN_ERROR,
        text="Longest time that one answer of a server may take as a whole.",
    ),
    Definition(
        name="least_rate", kind=kinds.RATE, default=100, because=_OR_AN_ERROR,
        text="Bytes a second that a server must send at least once it has begun, over each stretch as long "
        "as `timeout`; 0: as slowly as it likes, up to `download-deadline`.",
    ),
)  # fmt: skip

RUN_ROWS = (
    Definition(
        name="output", kind=kinds.PATH, default_words="beside the input",
        because="it says where the answer is written",
        flag=Flag(
            name="--output", short="-o", metavar="FILE", group=Group.OWN,
            verbs=frozenset({"lock", "sync", "add", "remove"}), help="where to write (`-`: standard output)",
        ),
        text="Where the lockfile is written; `-` is standard output. "
        "A settings file says it of inputs beside it alone, not of those in folders below.",
        is_own=True,
    ),
    Definition(
        name="silenced", kind=kinds.REASONS, default={}, aliases=("silence",), adds_up=True,
        because="it is about what `lock check` says of an answer",
        flag=Flag(
            name="--silence", metavar="RULE=REASON", group=Group.OWN, verbs=frozenset({"check", "hash"}),
            help="leave a rule out, with the reason; may be repeated",
        ),
        text="Rule of `lock check` or `lock hash` to the reason why it may be broken. Those of all places "
        "add up.",
    ),
    Definition(
        name="progress", kind=kinds.choice("auto", "on", "off"), default="auto",
        because="it is about what is seen while the answer is made",
        flag=Flag(
            name="--progress", group=Group.MESSAGES, help="show progress (auto: on a terminal)"
        ),
        text="Show progress on standard error; `auto`: on a terminal.",
    ),
    Definition(
        name="processes", kind=kinds.COUNT, default=0, default_words="as many as there are processors",
        because="each platform gets what it gets alone, whoever solves it",
        text="So many processes at most solve the platforms of one call side by side; 1: one after another.",
    ),
)  # fmt: skip
