# What every CLI test begins with: a folder of its own to work in, a temporary
# directory of its own, no settings of ours from outside.

bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
# The tests read it.
# shellcheck disable=SC2034
FIXTURES=$ROOT/test/fixtures

setup () {
  local name
  for name in $(compgen -e SHAP_FLAME_); do
    [ "$name" = SHAP_FLAME_BINDINGS ] || unset "$name"
  done
  unset GITHUB_ACTIONS GITHUB_STEP_SUMMARY GITHUB_WORKSPACE
  unset FORCE_COLOR
  export NO_COLOR=1
  export TMPDIR=$BATS_TEST_TMPDIR/tmp
  mkdir -p "$TMPDIR" "$BATS_TEST_TMPDIR/work"
  cd "$BATS_TEST_TMPDIR/work" || exit 1
}

shap_flame () {
  node "$ROOT/bin/shap-flame.js" "$@"
}

# Runs shap-flame; $status, $output (stdout) and $stderr are held apart.
profile () {
  run --separate-stderr shap_flame "$@"
}

# bats sets the three.
# shellcheck disable=SC2154
fail () {
  echo "$1" >&2
  echo "status: $status" >&2
  printf 'stdout: %s\n' "$output" >&2
  printf 'stderr: %s\n' "$stderr" >&2
  return 1
}

status_is () {
  [ "$status" -eq "$1" ] || fail "the status is $status, not $1"
}

stdout_is () {
  [ "$output" = "$1" ] || fail "stdout is not: $1"
}

stderr_is () {
  [ "$stderr" = "$1" ] || fail "stderr is not: $1"
}

stderr_has () {
  [[ "$stderr" == *"$1"* ]] || fail "stderr does not hold: $1"
}

stderr_lines () {
  local count
  count=$(printf '%s' "$stderr" | grep -c '')
  [ "$count" -eq "$1" ] || fail "stderr has $count lines, not $1"
}

# No line of a text is wider than so many columns; awk would count bytes.
columns_at_most () {
  node -e 'const wide = process.argv[2].split("\n").filter(line => Array.from(line).length > Number(process.argv[1]))
    if (wide.length > 0) { console.error(wide.join("\n")); process.exit(1) }' "$1" "$2" || fail "a line is wider than $1 columns"
}

file_has () {
  grep -qF -- "$2" "$1" || { head -c 2000 "$1" >&2; fail "$1 does not hold: $2"; }
}

file_has_not () {
  [ -s "$1" ] || fail "$1 is empty or absent"
  ! grep -F -- "$2" "$1" >&2 || fail "$1 holds: $2"
}

# The temporary directory holds nothing of ours.
nothing_left () {
  local left
  left=$(ls -A "$TMPDIR")
  [ -z "$left" ] || fail "left in the temporary directory: $left"
}

# Waits until a file holds a text: a minute at most.
wait_for () {
  for _ in $(seq 1200); do
    grep -qF -- "$2" "$1" 2>/dev/null && return 0
    sleep 0.05
  done
  fail "$1 never held: $2"
}

# Waits until a file is there, as a name or a pattern: a minute at most.
file_comes () {
  for _ in $(seq 1200); do
    compgen -G "$1" > /dev/null && return 0
    sleep 0.05
  done
  fail "$1 never came"
}
