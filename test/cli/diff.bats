load helper

setup_file () {
  export SIDES=$BATS_FILE_TMPDIR
  printf 'main (/app/a.js:1:1);grows (/app/b.js:2:3) 1000\nmain (/app/a.js:1:1);gone (/app/c.js:1:1) 500\n' > "$SIDES/before"
  printf 'main (/app/a.js:1:1);grows (/app/b.js:9:3) 4000\nmain (/app/a.js:1:1);fresh (/app/d.js:1:1) 100\n' > "$SIDES/after"
}

@test "diff: a table on stdout, the largest change first" {
  profile diff "$SIDES/before" "$SIDES/after"
  status_is 0
  [ -z "$stderr" ] || fail 'stderr is not empty'
  [[ "${lines[0]}" == 'alloc_space  1,500 to 4,100 bytes: +2,600 (+173.3%), grew' ]] || fail 'the totals are wrong'
  [[ "${lines[3]}" == *'+3,000'*'+300.0%'*'1,000'*'4,000'*'grew'*'grows (/app/b.js:9)' ]] || fail 'the first row is wrong'
  [[ "${lines[4]}" == *'-500'*'gone'*'shrank'*'gone (/app/c.js:1)' ]] || fail 'the second row is wrong'
  [[ "${lines[5]}" == *'+100'*'new'*'grew'*'fresh (/app/d.js:1)' ]] || fail 'the third row is wrong'
}

@test "diff: a change that sampling alone explains is noise" {
  for side in a b; do
    SHAP_FLAME_OUT_DIR=. profile --pprof "$side.pb.gz" "$TARGETS/quick.js"
    status_is 0
  done
  profile diff a.pb.gz b.pb.gz
  status_is 0
  [[ "${lines[0]}" == *'within noise' ]] || fail 'the verdict is wrong'
}

@test "diff --normalize scales what was before" {
  profile diff --normalize "$SIDES/before" "$SIDES/after"
  status_is 0
  [[ "${lines[0]}" == 'alloc_space  4,100 to 4,100 bytes: 0 (+0.0%), within noise' ]] || fail 'the totals are wrong'
}

@test "diff --svg: a well-formed picture of both" {
  profile diff "$SIDES/before" "$SIDES/after" --svg d.svg
  status_is 0
  stderr_is 'shap-flame: wrote d.svg'
  [[ "$(cat d.svg)" == *grows*  ]] || fail 'a function is missing'
  [[ "$(cat d.svg)" == *gone* ]] || fail 'what is gone is missing'
}

@test "diff: one file or three: status 64" {
  for files in "$SIDES/before" "$SIDES/before $SIDES/after $SIDES/after"; do
    # shellcheck disable=SC2086
    profile diff $files
    status_is 64
    stderr_has 'diff takes two files'
  done
}

@test "diff: a file that is not there: status 66" {
  profile diff "$SIDES/before" nowhere
  status_is 66
  stderr_has 'nowhere'
}

@test "diff --help tells of its own options" {
  profile diff --help
  status_is 0
  columns_at_most 80 "$output"
  [[ "$output" == *--normalize* ]] || fail '--normalize is missing'
}
