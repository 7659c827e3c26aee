"""What ``lock hash`` prints: columns for people, one JSON document for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator

from lockfiles.cli.terminal import Terminal, format_columns
from lockfiles.difference import format_difference
from lockfiles.hashing import Hashed, HashReport
from lockfiles.identity.credentials import redact, redact_data
from lockfiles.identity.identify import registered_asset
from lockfiles.identity.prediction import Prediction
from lockfiles.identity.sharing import Sharing

#: Version of the JSON document; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1


def report_to_json(report: HashReport) -> dict[str, object]:
    """Return the document (6 keys; docs/hash.md)."""
    calibrated = report.calibrated
    return {
        "schema_version": SCHEMA_VERSION,
        "definitions": [_entry_to_json(entry) for entry in report.entries],
        "calibrated": None
        if calibrated is None
        else {
            "workspace": calibrated.workspace,
            "file": str(calibrated.path),
            "proved_on": calibrated.image,
        },
        "predictions": None if report.predictions is None else [p.to_json() for p in report.predictions],
        "registry": None if report.registry is None else [answer.to_json() for answer in report.registry],
        "sharing": None if report.sharing is None else report.sharing.to_json(),
    }


def _entry_to_json(entry: Hashed) -> dict[str, object]:
    """Return one definition's entry (12 keys)."""
    definition = entry.definition
    name, version, anonymous = registered_asset(definition, entry.identities)
    return {
        "file": definition.source.file,
        "label": definition.label,
        "kind": definition.kind.value,
        "asset": {"name": name, "version": version, "anonymous": anonymous},
        "reference": definition.reference,
        "image": redact(definition.image) if definition.image else None,
        "build": definition.build.path if definition.build else None,
        "conda": json.loads(json.dumps(redact_data(definition.conda), default=str)),
        "identities": [identity.to_json() for identity in entry.identities.found],
        "not_computed": [lacking.to_json() for lacking in entry.identities.lacking],
        "findings": [finding.to_json() for finding in entry.linted.findings],
        "silenced": [{**finding.to_json(), "reason": reason} for finding, reason in entry.linted.silenced],
    }


def print_report(report: HashReport, terminal: Terminal) -> None:
    """Print the report: data to stdout, findings for people to stderr."""
    if terminal.json:
        terminal.data(json.dumps(report_to_json(report), indent=2, ensure_ascii=False))
        return
    for line in _lines(report):
        terminal.data(line)
    for entry in report.entries:
        for finding in entry.linted.findings:
            place = f"{finding.origin}: " if finding.origin else ""
            terminal.note(f"{finding.severity.value}: {place}{finding.message}  [{finding.rule}]")
            if finding.fix:
                terminal.detail(f"  {finding.fix}")
        for finding, reason in entry.linted.silenced:
            terminal.detail(f"silenced: {finding.rule}: {finding.message} ({reason})")


def _lines(report: HashReport) -> Iterator[str]:
    if report.calibrated is not None:
        yield f"calibrated `{report.calibrated.workspace}` on {report.calibrated.image}"
        yield f"stored in {report.calibrated.path}"
    for entry in report.entries:
        yield from _entry_lines(entry)
    for prediction in report.predictions or ():
        yield from _prediction_lines(prediction)
    for answer in report.registry or ():
        yield f"{answer.definition}: {_word(answer.reused)}: {answer.reason}"
        if answer.match:
            yield f"  {answer.match}"
    if report.sharing is not None:
        yield from _sharing_lines(report.sharing)


def _entry_lines(entry: Hashed) -> Iterator[str]:
    definition = entry.definition
    yield f"{definition.label} ({definition.kind.value})"
    if definition.reference:
        yield f"  {definition.reference}"
    name, version, anonymous = registered_asset(definition, entry.identities)
    if name and not anonymous:
        yield f"  registers {name}:{version or '(next version)'}"
    rows = []
    for identity in entry.identities.found:
        details = [identity.of.get("sdk"), identity.of.get("base form"), identity.of.get("packages")]
        words = [identity.certainty.value.replace("-", " "), *(text for text in details if text)]
        rows.append((identity.kind.value, identity.value, ", ".join(words)))
    yield from format_columns(rows)
    if not definition.reference:
        yield from format_columns([(f"{lack.kind.value}:", lack.reason) for lack in entry.identities.lacking])
    yield ""


def _word(reused: bool | None) -> str:
    return {True: "reused", False: "built", None: "not known"}[reused]


def _prediction_lines(prediction: Prediction) -> Iterator[str]:
    yield f"{prediction.new} against {prediction.old}: {_word(prediction.reused)}: {prediction.reason}"
    first = prediction.first
    if first is not None:
        nature = "real" if prediction.real else "cosmetic: the same packages"
        yield f"  {nature}"
        yield f"  - {first.old or '(nothing)'}"
        yield f"  + {first.new or '(nothing)'}"
        others = sum(difference.counts_for_image for difference in prediction.differences) - 1
        if others:
            yield f"  and {others} more"
    if prediction.same_v2_version is not None:
        yield f"  anonymous version: {'the same' if prediction.same_v2_version else 'another one'}"
    if prediction.packages or (prediction.packages is not None and not prediction.stale):
        yield from (f"  {line}" for line in format_difference(prediction.packages))
    for stale in prediction.stale:
        frozen = f" holds {stale.frozen}" if stale.frozen else " is as old as the image"
        fresh = f", a fresh build brings {stale.fresh}" if stale.fresh else ""
        yield f"  stale: `{redact(stale.text)}`{frozen}{fresh}"


def _sharing_lines(sharing: Sharing) -> Iterator[str]:
    yield f"{sharing.images} images for {sum(len(group.members) for group in sharing.groups)} definitions"
    for group in sharing.groups:
        if len(group.members) > 1:
            what = "share one image" if group.built else "use what is there"
            yield f"  {', '.join(group.members)}: {what}"
    for suggestion in sharing.suggestions:
        yield f"  would share the image of {suggestion.like}:"
        for label, differences in suggestion.edits.items():
            changes = sorted({difference.change.value for difference in differences}) or ["layout"]
            yield f"    {label}: {', '.join(changes)}"
    if sharing.suggestions:
        yield f"{sharing.images_after_edits} images after these edits"
