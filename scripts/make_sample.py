#!/usr/bin/env python3
"""Write the embedded sample: small conda channels and a small index, from ``scripts/sample/*.json``.

The same facts give the same bytes, everywhere: ``examples/sample`` is
committed, and a test compares it with what this script makes. The one
exception is ``repodata.json.zst``, whose compressor may change; there the
content is the same.

    python scripts/make_sample.py            # writes examples/sample anew
    python scripts/make_sample.py --output FOLDER
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import zstandard  # noqa: E402
from sample.conda_channel import make_channels  # noqa: E402
from sample.pypi_index import make_index  # noqa: E402


def write_sample(output: Path) -> tuple[int, int]:
    """Write every file below ``output`` and return (files, bytes); what stood there is removed first."""
    conda = json.loads((HERE / "sample" / "conda.json").read_text(encoding="utf-8"))
    pypi = json.loads((HERE / "sample" / "pypi.json").read_text(encoding="utf-8"))
    files = {f"conda/{path}": content for path, content in make_channels(conda["groups"])}
    files |= {f"pypi/{path}": content for path, content in make_index(pypi["rows"])}
    for path in [path for path in files if path.endswith("/repodata.json")]:
        files[f"{path}.zst"] = zstandard.ZstdCompressor(level=19).compress(files[path])
    for part in ("conda", "pypi"):
        shutil.rmtree(output / part, ignore_errors=True)
    for path, content in files.items():
        target = output / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return len(files), sum(map(len, files.values()))


def main() -> None:
    """Read the command line and write the sample."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--output", type=Path, default=HERE.parent / "examples" / "sample")
    output = parser.parse_args().output
    count, size = write_sample(output)
    print(f"{count} files, {size:,} bytes in {output}")


if __name__ == "__main__":
    main()
