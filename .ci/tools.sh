# For the parts of .ci/run that need more than Node: source it.

# Ends a part that cannot run on this machine.
skip() {
  echo "skipped: $(basename "$0"): $1"
  exit 0
}

# A Python virtual environment with the given packages, or the part is skipped: a machine without a package index
# has no such tools. $1: directory; the rest: packages, pinned.
python_environment() {
  local directory=$1
  shift
  command -v python3 >/dev/null || skip 'there is no python3'
  python3 -m venv "$directory" >/dev/null 2>&1 || skip 'python3 has no venv'
  "$directory/bin/pip" install --quiet --disable-pip-version-check "$@" 2>"$directory/pip.log" || {
    tail -n 3 "$directory/pip.log"
    skip "pip cannot install $*"
  }
}

# Runs jest or vitest so that its tests count in the last line of the run. $1: what they are.
suite() {
  local what=$1
  shift
  PATH="$PWD/node_modules/.bin:$PATH" node .ci/suite.mjs "$what" "$@"
}
