# Sourced by the scripts beside it: finds a Python, keeps the project's own virtual environment in .venv.
#
# The first call makes and fills the environment; later ones compare one small file and go on. The stamp
# names the folder and holds pyproject.toml as it was installed, so a moved clone or a changed dependency
# makes it anew.

# Print the folder of the project.
project_root() {
    CDPATH='' cd -- "$(dirname -- "$1")/.." && pwd -P
}

# Print a Python that is 3.11 or newer and can make virtual environments; explain and fail where none is.
find_python() {
    incomplete=''
    for candidate in ${LOCKSTACK_PYTHON:+"$LOCKSTACK_PYTHON"} python3.14 python3.13 python3.12 python3.11 python3 python; do
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue
        if "$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; then
            printf '%s\n' "$candidate"
            return 0
        fi
        incomplete=${incomplete:-$candidate}
    done
    if [ -n "$incomplete" ]; then
        echo "error: \`$incomplete\` can't make virtual environments: its module \`ensurepip\` is missing" >&2
        echo >&2
        echo "hint: Debian and Ubuntu keep it in a package of its own: apt install python3-venv" >&2
    else
        echo "error: no Python 3.11 or newer found (tried python3.14, python3.13, python3.12, python3.11, python3, python)" >&2
        echo >&2
        echo "hint: install one, or name it: LOCKSTACK_PYTHON=/path/to/python3.12" >&2
    fi
    return 1
}

# Make sure that .venv below folder $1 holds the project, with what the dependency group $2 names (may be empty).
ensure_environment() {
    stamp="$1/.venv/lockstack${2:+-$2}.stamp"
    if [ -x "$1/.venv/bin/python" ] && { printf '%s\n' "$1"; cat "$1/pyproject.toml"; } | cmp -s - "$stamp" 2>/dev/null; then
        return 0
    fi
    python=$(find_python) || return 1
    "$python" "$1/scripts/make_environment.py" "$1" ${2:+--group "$2"}
}

# Make sure that examples/sample below folder $1 is there and made from what stands in scripts; what fails is told.
ensure_sample() {
    for part in make_sample.py sample/conda.json sample/pypi.json \
        sample/conda_channel.py sample/containers.py sample/launchers.py sample/pypi_index.py; do
        cat -- "$1/scripts/$part"
    done 2>/dev/null | cmp -s - "$1/examples/sample/.made-from" 2>/dev/null &&
        [ -f "$1/examples/sample/pypi/index.html" ] && return 0
    "$1/.venv/bin/python" "$1/scripts/make_sample.py" --if-needed
}
