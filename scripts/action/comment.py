"""Write the comparison of lockfiles as the pull request's one comment of that kind, or renew it.

Reads ``GITHUB_API_URL``, ``GITHUB_REPOSITORY``, ``GITHUB_TOKEN``, ``LOCK_ACTION_PULL_REQUEST`` and
``LOCK_ACTION_MARKDOWN`` (a file). Only a bot's comment that begins with the mark is renewed. What GitHub
refuses (a pull request from a fork may not be commented) is a warning, not a failure.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from run import MARK, say, variable

_PAGES = 30  #: of 100 comments each
_SECONDS = 30  #: longest silence of the server


def call(method: str, path: str, body: object = None) -> Any:
    """Call GitHub's interface; return what it answers."""
    address = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}/{path}"
    headers = {
        "Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}",
        "Accept": "application/vnd.github+json",
        "Content-Type": "application/json",
    }
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data=data, headers=headers, method=method)  # noqa: S310  # the runner's
    with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
        return json.load(answer)


def find_comment(number: int) -> int | None:
    """Return the id of the comment that an earlier run wrote."""
    for page in range(1, _PAGES + 1):
        comments = call("GET", f"issues/{number}/comments?per_page=100&page={page}")
        for comment in comments:
            if comment["user"]["type"] == "Bot" and comment["body"].startswith(MARK):
                return int(comment["id"])
        if len(comments) < 100:
            break
    return None


def main() -> int:
    """Write or renew the comment."""
    number = int(variable("PULL_REQUEST"))
    body = {"body": Path(variable("MARKDOWN")).read_text(encoding="utf-8")}
    try:
        known = find_comment(number)
        if known is None:
            call("POST", f"issues/{number}/comments", body)
        else:
            call("PATCH", f"issues/comments/{known}", body)
    except urllib.error.HTTPError as error:
        if error.code not in (401, 403, 404):
            raise
        say(
            "warning", f"the comment was not written: GitHub answered {error.code}; the step's summary has it"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
