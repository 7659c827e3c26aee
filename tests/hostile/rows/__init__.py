"""Hostile and faulty inputs as data, by kind: where each stands, what is sent, and how the run must end."""

from __future__ import annotations

from tests.hostile.rows.addresses import ADDRESSES
from tests.hostile.rows.answers import ANSWERS
from tests.hostile.rows.everywhere import EVERYWHERE
from tests.hostile.rows.fields import FIELDS
from tests.hostile.rows.makers import Row
from tests.hostile.rows.pages import PAGES
from tests.hostile.rows.records import RECORDS
from tests.hostile.rows.search import SEARCH
from tests.hostile.rows.sizes import SIZES

KINDS: dict[str, tuple[Row, ...]] = {
    "sizes and time": SIZES,
    "answers": ANSWERS,
    "each fault at each place": EVERYWHERE,
    "addresses": ADDRESSES,
    "pages": PAGES,
    "records": RECORDS,
    "searches": SEARCH,
    "fields": FIELDS,
}
ROWS: tuple[Row, ...] = tuple(row for rows in KINDS.values() for row in rows)
