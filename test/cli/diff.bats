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
    SHAP_FLAME_OUT_DIR=. profile --pprof "$side.pb.gz" "$FIXTURES/quick.js"
    status_is 0
  done
  profile diff a.pb.gz b.pb.gz
  status_is 0
  [[ "${lines[0]}" == *'within noise' ]] || fail 'the verdict is wrong'
}

@test "diff --normalize scales the first profile" {
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

@test "diff: without --type, a type that both have; otherwise the side that lacks it is named" {
  profile report "$SIDES/before" --type inuse_space --pprof inuse.pb.gz --quiet
  profile --quiet --pprof all.pb.gz "$FIXTURES/quick.js"
  profile diff inuse.pb.gz all.pb.gz
  status_is 0
  [[ "${lines[0]}" == 'inuse_space  1,500 to '* ]] || fail 'another type is shown'
  profile diff inuse.pb.gz all.pb.gz --type alloc_space
  status_is 64
  stderr_is 'shap-flame: --type alloc_space: not in the profile before, which has inuse_space'
  profile report "$SIDES/before" --pprof alloc.pb.gz --quiet
  profile diff alloc.pb.gz inuse.pb.gz
  status_is 64
  stderr_is 'shap-flame: --type inuse_space: not in the profile before, which has alloc_space'
}

@test "diff: two empty sides have no percentage" {
  printf 'f 0\n' > none
  profile diff none none
  status_is 0
  [ "${lines[0]}" = 'alloc_space  0 to 0 bytes: 0, within noise' ] || fail 'the totals are wrong'
}

@test "diff: totals beyond the precision of doubles" {
  printf 'f 99999999999999999\ng 10\n' > large
  profile diff "$SIDES/before" large
  [[ "${lines[0]}" == 'alloc_space  1,500 to 100,000,000,000,000,009 bytes: +99,999,999,999,998,509 '* ]] || fail 'the total is rounded'
}

@test "diff --help lists its own options" {
  profile diff --help
  status_is 0
  columns_at_most 80 "$output"
  [[ "$output" == *--normalize* ]] || fail '--normalize is missing'
}

@test "diff: Markdown, JSON, folded and pprof" {
  profile diff "$SIDES/before" "$SIDES/after" --markdown d.md --json d.json --folded d.folded --pprof d.pb.gz
  status_is 0
  file_has d.md '| +3,000 | - | +300.0% | 1,000 | 4,000 | +3,000 | grew | `grows (/app/b.js:9)` |'
  node -e 'const d = JSON.parse(require("fs").readFileSync("d.json")); require("assert").deepStrictEqual(
    [d.version, d.kind, d.totals.alloc_space], [1, "difference", { before: 1500, after: 4100, error: 0, verdict: "grew" }])'
  file_has d.folded 'main (/app/a.js:1:1);grows (/app/b.js:9:3) 1000 4000'
  file_has d.folded 'main (/app/a.js:1:1);gone (/app/c.js:1:1) 500 0'
  gzip -t d.pb.gz
}

@test "diff --pprof: go tool pprof shows the same as with -diff_base" {
  command -v go >/dev/null || skip 'go is not installed'
  for side in before after; do profile report "$SIDES/$side" --pprof "$side.pb.gz" --quiet; done
  profile diff before.pb.gz after.pb.gz --pprof d.pb.gz --quiet
  for by in -flat -cum; do
    go tool pprof -top "$by" d.pb.gz 2>/dev/null | sed '1,/^Showing/d' > ours
    go tool pprof -top "$by" -diff_base before.pb.gz after.pb.gz 2>/dev/null | sed '1,/^Showing/d' > theirs
    # a function that moved is one for us, and one more row there
    grep -v 'grows' ours > ours.rest
    grep -v 'grows' theirs > theirs.rest
    cmp ours.rest theirs.rest
  done
}

@test "diff --before a b --after c d: means of the runs" {
  sed 's/ 1000$/ 2000/' "$SIDES/before" > more
  profile diff --before "$SIDES/before" more --after "$SIDES/after" "$SIDES/after"
  status_is 0
  [[ "${lines[0]}" == 'alloc_space  2,000 to 4,100 bytes: +2,100 '* ]] || fail 'the totals are wrong'
  [[ "${lines[2]}" == 'Means of 2 runs before and 2 runs after'* ]] || fail 'the numbers of runs are not printed'
  profile diff --before "$SIDES/before" --after "$SIDES/after"
  [[ "${lines[0]}" == 'alloc_space  1,500 to 4,100 bytes'* ]] || fail 'one file a side is wrong'
}

@test "diff --before without --after: status 64" {
  profile diff --before "$SIDES/before"
  status_is 64
  stderr_has '--after is missing'
}

@test "diff: messages and errors of both sides come in the order of the sides" {
  { printf 'odd\n'; seq -f 'a;b%.0f 1' 20000; } > before.folded
  printf 'odd\nodd\na 1\n' > after.folded
  profile diff before.folded after.folded
  status_is 0
  [[ "${stderr_lines[0]}" == *'before.folded: skipped 1 line'* ]] || fail 'the message about the side before is not first'
  [[ "${stderr_lines[1]}" == *'after.folded: skipped 2 lines'* ]] || fail 'the message about the side after is not second'
  profile diff absent.folded none.folded
  status_is 66
  stderr_is 'shap-flame: absent.folded: no such file or folder (ENOENT)'
}

@test "diff --heapprofile, --source-lines: no such options, status 64" {
  profile diff "$SIDES/before" "$SIDES/after" --heapprofile d.heapprofile
  status_is 64
  profile diff "$SIDES/before" "$SIDES/after" --source-lines 3
  status_is 64
  stderr_is 'shap-flame: --source-lines: not an option of diff, only of a run, attach, report, check'
}
