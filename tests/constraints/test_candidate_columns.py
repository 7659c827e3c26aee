"""Candidates whose records are read one by one are those that stand in order as records."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.constraints.candidate_columns import Listed, RowColumns
from resolver.constraints.conda_domain import CondaDomain
from resolver.constraints.record_source import Source
from resolver.metadata.record_index import order_records
from resolver.metadata.record_rows import RecordRows, decode_rows, encode_rows
from resolver.model.channels import Channel
from resolver.model.match_spec import parse_match_spec
from resolver.model.plain_specs import form_of
from resolver.model.records import CondaRecord, RevisionThree
from tests.support.amount import examples
from tests.support.records import conda_record

CHANNELS = [Channel(name=name, base_url=f"https://c.example/{name}") for name in ("one", "two")]
SOURCES = [
    Source(channel=channel, subdir=subdir, rank=rank)
    for rank, channel in enumerate(CHANNELS)
    for subdir in ("linux-64", "noarch")
]
TEXTS = ("python >=3.9", "b", "b >=1", "c 1.*", "python_abi 3.12.* *_cp312")
SPECS = ("x", "x >=1.1", "x >=1,<2", "x 1.0", "x * py312_0", "x[build_number=1]", "x 2.*|1.0")

PLAIN = ["1.0", "1.0.0", "1.1", "2.0", "3.1", "3.2"]
record_fields = (
    lambda version, build, number, stamp, depends, limits, features, more, purls, noarch: conda_record(
        "x", version, build, build_number=number, timestamp=stamp, depends=tuple(depends),
        constrains=tuple(limits), track_features=features, more=RevisionThree() if more else None,
        purls=() if purls else None, noarch="python" if noarch else None,
    ),
    st.sampled_from(["0", "py312_0", "py39_1"]),
    st.integers(0, 2),
    st.integers(0, 2),
    st.lists(st.sampled_from(TEXTS), max_size=3),
    st.lists(st.sampled_from(TEXTS), max_size=2),
    st.sampled_from(["", "", "", "f", "f g"]),
    *(st.integers(0, 9).map(lambda n: n == 0) for _ in range(3)),
)  # fmt: skip
records, plain_records = (
    st.builds(record_fields[0], st.sampled_from(versions), *record_fields[1:])
    for versions in ([*PLAIN, "1.01", "2.0a1", "1!0", "bad version!"], PLAIN)
)
subdirs = st.one_of(
    st.lists(st.lists(one, max_size=12, unique_by=lambda r: r.file_name), min_size=1, max_size=4)
    for one in (records, plain_records, plain_records.filter(lambda record: not record.track_features))
)


def both(parts: Sequence[Sequence[CondaRecord]], *, first: bool, pin: str | None) -> list[CondaDomain]:
    """Return the candidates by rows, and by records."""
    listed = Listed()
    for part, source in zip(parts, SOURCES, strict=False):
        listed.add(decode_rows(encode_rows(order_records(part))), source)
    pairs = list(listed)
    return [CondaDomain("x", given_, channels_first=first, preferred=pin) for given_ in (listed, pairs)]


@settings(deadline=None, max_examples=examples(300))
@given(subdirs, st.booleans(), st.sampled_from([None, "x-1.1-0.conda", "x-9-0.conda"]), st.data())
def test_rows_give_what_records_give(
    parts: list[list[CondaRecord]], first: bool, pin: str | None, data: st.DataObject
) -> None:
    rows, plain = both(parts, first=first, pin=pin)
    questions: list[Callable[[CondaDomain], object]] = [
        lambda d: [d.bits_of(parse_match_spec(spec)) for spec in SPECS],
        lambda d: list(d.groups().items()),
        lambda d: list(d.limits().items()),
        lambda d: [d.group(text) for text in TEXTS],
        lambda d: [d.relation(text, constrains=limits).group for text in TEXTS for limits in (False, True)],
        lambda d: [d.bits_by_form(spec, form) for spec in SPECS if (form := form_of(spec))],
        lambda d: list(d.texts()),
        lambda d: list(d.every_text()),
        lambda d: d.levels(),
        lambda d: d.version_ranks(),
        lambda d: [d.number_run(n) for n in range(len(d))],
        lambda d: [d.level_run(n) for n in range(len(d))],
        lambda d: list(d.version_bits().items()),
        lambda d: d.python_bits(),
        lambda d: (list(d.sources), d.is_pinned, d.version_kept, len(d), d.all),
        lambda d: list(d.records),
    ]
    for question in data.draw(st.permutations(questions)):
        assert question(rows) == question(plain)
    for spec in SPECS:
        assert not (form := form_of(spec)) or rows.bits_by_form(spec, form) == plain.bits_of(
            parse_match_spec(spec)
        )
    said = [rows.relation(text, constrains=False) for text in rows.texts()]
    assert all(one.form in (b"", form_of(one.text)) for one in said)


def test_one_subdir_s_rows_stay_unread() -> None:
    rows = decode_rows(encode_rows([conda_record("x", f"{n}.0") for n in range(3, 0, -1)]))
    listed = Listed()
    listed.add(rows, SOURCES[0])
    found = CondaDomain("x", listed, channels_first=True)
    assert isinstance(found.records, RecordRows)
    assert found.bits("x >=2") == 0b0110
    assert RowColumns(rows, SOURCES[0]).versions == ["3.0", "2.0", "1.0"]
