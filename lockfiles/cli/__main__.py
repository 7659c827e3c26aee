"""``python -m lockfiles.cli``: the ``lock`` command."""

from lockfiles.cli.main import entry_point

if __name__ == "__main__":
    entry_point()
