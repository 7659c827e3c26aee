"""Folders of the machine don't get into a page, but for those that the user has typed."""

from __future__ import annotations

import pytest

from lockfiles.fleet.page.places import PageTexts

FOLDERS = [("/home/someone/work", "."), ("/home/someone", "~")]

CASES = [
    ("below the folder of the run", (), "see /home/someone/work/a.yml:3", "see a.yml:3"),
    ("that folder itself", (), "`/home/someone/work`: no such file", "`.`: no such file"),
    ("below the home", (), "in '/home/someone/.cache/x'", "in '~/.cache/x'"),
    ("at the end", (), "in /home/someone", "in ~"),
    ("in an address", (), "file:///home/someone/work/channel", "file://channel"),
    ("two of them", (), "/home/someone/work/a /home/someone/work/b", "a b"),
    ("a longer name", (), "/home/someone/workshop /home/someone-else", "~/workshop /home/someone-else"),
    ("within another path", (), "/mnt/home/someone/work/a", "/mnt/home/someone/work/a"),
    ("elsewhere", (), "/opt/channels/x", "/opt/channels/x"),
    ("typed by the user", ("/home/someone/work/envs",), "/home/someone/work/a", "/home/someone/work/a"),
    ("a relative path tells no folder", ("envs",), "/home/someone/work/a.yml", "a.yml"),
    ("what acts on a screen", (), "a\x1b[31m\u202eb", "a\\x1b[31m\\u202eb"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "text", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_text_of_a_page(given: tuple[str, ...], text: str, expected: str) -> None:
    assert PageTexts(FOLDERS, given).clean(text) == expected


def test_a_secret_is_gone() -> None:
    found = PageTexts([], []).clean("https://user:hunter22@example.org/x failed")
    assert "hunter22" not in found
    assert "example.org/x failed" in found


def test_a_long_text_is_cut() -> None:
    assert len(PageTexts([], []).clean("a " * 10_000)) < 5_000


def test_a_root_is_no_folder_to_hide() -> None:
    assert PageTexts([("/", "."), ("/root", "~")], []).clean("/root/x /etc/y") == "/root/x /etc/y"
