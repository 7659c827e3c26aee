"""Write the real records that the checks' cases name into tests/checks/records.json.

Run it as ``python scripts/embed_check_records.py CHANNELS`` with a folder of channels
(``<channel>/<subdir>/repodata.json.zst``) after a case names a new record.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.checks import (
    cases_channels,
    cases_gpu,
    cases_machine,
    planted,
    test_known_bad,
    test_reported,
    test_where_facts_hold,
)
from tests.checks.known import Records
from tests.checks.make import RECORDS


def main(folder: Path) -> None:
    """Look up every address and write the rows, sorted."""
    envs = [
        env
        for module in (cases_channels, cases_gpu, cases_machine)
        for case in module.CASES
        for env in (case.fails, case.passes)
    ]
    envs += [fault.env for fault in planted.FAULTS]
    envs += [stack.env for stack in (*test_reported.BROKEN, *test_reported.SOUND)]
    named = [text for text in vars(test_where_facts_hold).values() if isinstance(text, str)]
    addresses = " ".join(
        [
            *(env.conda for env in envs),
            *(row["env"].get("conda", "") for row in test_known_bad.ROWS),
            *(word for text in named for word in text.split() if word.endswith((".conda", ".tar.bz2"))),
        ]
    )
    records = Records(folder)
    rows, missing = [], []
    for address in sorted(set(addresses.split())):
        try:
            record = records.pin(address).record
        except KeyError:
            missing.append(address)
            continue
        rows.append(
            [
                address,
                record.name,
                record.version,
                record.build,
                record.build_number,
                list(record.depends),
                list(record.constrains),
                record.noarch,
            ]
        )
    if missing:
        raise SystemExit("no such records:\n" + "\n".join(missing))
    body = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    about = "Records as their channels' repodata.json lists them, cut to what the checks read."
    RECORDS.write_text(f'{{"about": {json.dumps(about)},\n"records": [\n{body}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
