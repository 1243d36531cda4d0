load helper

# What other tools' pprofs hold, and what of it a pprof of ours holds after that.

make_pprof () {
  node "$ROOT/test/support/write-pprof.js" "$1" "$2"
}

# Functions and their figures as pprof tells them.
pprof_top () {
  go tool pprof -top "$@" 2> /dev/null | sed '1,/flat%/d' | awk '{ print $1, $4, $6, $7 }' | sort
}

ONE='"types":[["alloc_space","bytes"]]'

@test "pprof: drop_frames and keep_frames are applied as pprof does, and kept" {
  make_pprof "{$ONE,\"drop\":\"malloc|operator new|.*_alloc\",\"keep\":\"keep_alloc\",
    \"locations\":[{\"lines\":[[\"main\"]]},{\"lines\":[[\"row\"]]},{\"lines\":[[\"operator new(unsigned long)\"]]},
      {\"lines\":[[\"malloc\"]]},{\"lines\":[[\"helper\"]]},{\"lines\":[[\"keep_alloc\"]]},
      {\"lines\":[[\"deep\"],[\"my_alloc\"],[\"outer\"]]}],
    \"samples\":[{\"at\":[4,3,2,1],\"values\":[500]},{\"at\":[5,4,1],\"values\":[30]},{\"at\":[6,1],\"values\":[10]},
      {\"at\":[5,7,1],\"values\":[7]},{\"at\":[5,4],\"values\":[3]}]}" in.pb
  profile report in.pb --folded - --quiet
  status_is 0
  [ "$output" = 'main (/srv/a.cc) 30
main (/srv/a.cc);keep_alloc (/srv/a.cc) 10
main (/srv/a.cc);outer (/srv/a.cc) 7
main (/srv/a.cc);row (/srv/a.cc) 500
malloc (/srv/a.cc);helper (/srv/a.cc) 3' ] || fail "$output"
  profile report in.pb --pprof o.pb.gz --quiet
  pprof_top in.pb > theirs
  pprof_top o.pb.gz > ours
  diff theirs ours
  gzip -dc o.pb.gz > o.pb
  file_has o.pb 'malloc|operator new|.*_alloc'
  file_has o.pb 'keep_alloc'
}

@test "pprof: a drop_frames that cannot be parsed is reported, and no frame is left out" {
  make_pprof "{$ONE,\"drop\":\"\\\\p{Lu}x\",\"locations\":[{\"lines\":[[\"malloc\"]]}],\"samples\":[{\"at\":[1],\"values\":[5]}]}" in.pb
  profile report in.pb --folded -
  status_is 0
  stdout_is 'malloc (/srv/a.cc) 5'
  stderr_is 'shap-flame: in.pb: drop_frames or keep_frames is not a supported expression, so no frame is dropped'
}

@test "pprof: frames without symbols show their file, and can be symbolized later" {
  # one library at two addresses, as two processes have it
  for at in 28672 61440; do
    make_pprof "{$ONE,\"mappings\":[[4194304,4198400,0,\"/usr/bin/app\",\"abc\"],[$at,$((at + 4096)),4096,\"/usr/lib/libfoo.so.2\",\"def\"]],
      \"locations\":[{\"mapping\":1,\"address\":4194400,\"lines\":[[\"main\",5,3]]},{\"mapping\":2,\"address\":$((at + 64))},{\"address\":7}],
      \"samples\":[{\"at\":[2,1],\"values\":[40]},{\"at\":[3,1],\"values\":[2]}]}" "$at.pb"
  done
  profile report 28672.pb --folded - --quiet
  stdout_is 'main (/srv/a.cc:3);0x7 2
main (/srv/a.cc:3);[libfoo.so.2] 0x1040 40'
  profile report 28672.pb 61440.pb --pprof both.pb.gz --quiet
  go tool pprof -raw both.pb.gz 2> /dev/null > raw
  file_has raw '0x7040 M=2'
  file_has raw '0x400060 M=1 main'
  file_has raw '1: 0x400000/0x401000/0x0 /usr/bin/app abc'
  file_has raw '2: 0x7000/0x8000/0x1000 /usr/lib/libfoo.so.2 def'
  [ "$(grep -c ' M=2' raw)" -eq 1 ] || fail 'one place of one library is two'
  profile report both.pb.gz --folded - --quiet
  [[ "$output" == *'[libfoo.so.2] 0x1040 80'* ]] || fail "$output"
}

@test "pprof: an address outside of its mapping is shown unchanged, and names in brackets have one pair" {
  make_pprof "{$ONE,\"mappings\":[[4194304,4198400,0,\"/usr/bin/app\",\"abc\"],[65536,69632,0,\"[heap]\",\"\"]],
    \"locations\":[{\"mapping\":1,\"address\":32},{\"mapping\":1,\"address\":4198400},{\"mapping\":2,\"address\":65552}],
    \"samples\":[{\"at\":[1],\"values\":[40]},{\"at\":[2],\"values\":[2]},{\"at\":[3],\"values\":[3]}]}" in.pb
  profile report in.pb --folded - --quiet
  stdout_is '[app] address 0x20 40
[app] address 0x401000 2
[heap] 0x10 3'
  profile report in.pb in.pb --pprof two.pb.gz --quiet
  go tool pprof -raw two.pb.gz 2> /dev/null > raw
  file_has raw '0x20 M=1'
  file_has raw '0x401000 M=1'
  file_has raw '0x10010 M=2'
}

@test "pprof: code without a mapping gets none where a pprof is written again" {
  make_pprof "{$ONE,\"mappings\":[[4194304,4198400,0,\"/usr/lib/libfoo.so\",\"abc\"]],
    \"locations\":[{\"lines\":[[\"main\",5,3]]},{\"mapping\":1,\"address\":4194400}],
    \"samples\":[{\"at\":[2,1],\"values\":[40]},{\"at\":[1],\"values\":[2]}]}" in.pb
  profile report in.pb --pprof one.pb.gz --quiet
  profile report in.pb one.pb.gz --pprof two.pb.gz --quiet
  for file in one two; do
    go tool pprof -raw $file.pb.gz 2> /dev/null > raw
    file_has raw '0x0 main'
    file_has raw '0x400060 M=1'
    ! grep -q 'node' raw || fail 'it has a mapping that the input has not'
  done
}

# Which mapping each function's location has: `function file`, sorted.
places () {
  go tool pprof -raw "$1" 2> /dev/null | node -e '
    const [, locations, mappings] = /\nLocations\n([^]*)\nMappings\n([^]*)/.exec(require("fs").readFileSync(0, "utf8"))
    const files = new Map([...mappings.matchAll(/^(\d+): \S+ (\S*)/gm)].map(([, id, file]) => [id, file.replace(/.*\//, "")]))
    const rows = locations.split("\n").map(line => /^ *\d+: \S+ (?:M=(\d+) )?(\S+)/.exec(line)).filter(row => row)
    console.log(rows.map(([, id, name]) => `${name} ${files.get(id) ?? "none"}`).sort().join("\n"))'
}

@test "pprof: mappings of a file alone, beside one with addresses, are kept" {
  command -v go > /dev/null || skip 'go is not installed'
  make_pprof "{$ONE,\"mappings\":[[4194304,4198400,0,\"/usr/bin/app\",\"abc\"],[0,0,0,\"/srv/app.jar\",\"\"],[0,0,0,\"/srv/other.jar\",\"\"]],
    \"locations\":[{\"mapping\":1,\"address\":4194400,\"lines\":[[\"main\",5,3]]},{\"mapping\":2,\"lines\":[[\"inJar\",5,3]]},{\"mapping\":3,\"lines\":[[\"inOther\",5,3]]},{\"lines\":[[\"nowhere\",5,3]]}],
    \"samples\":[{\"at\":[4,3,2,1],\"values\":[100]}]}" in.pb
  profile report in.pb --quiet --pprof out.pb.gz
  status_is 0
  local expected=$'inJar app.jar\ninOther other.jar\nmain app\nnowhere none'
  [ "$(places in.pb)" = "$expected" ] || fail "the input: $(places in.pb)"
  [ "$(places out.pb.gz)" = "$expected" ] || fail "written: $(places out.pb.gz)"
  profile report out.pb.gz in.pb --quiet --pprof twice.pb.gz
  [ "$(places twice.pb.gz)" = "$expected" ] || fail "merged: $(places twice.pb.gz)"
}

@test "pprof: our own code stays that of node in a merge with another program's profile" {
  command -v go > /dev/null || skip 'go is not installed'
  printf 'ours (/srv/a.js:1:2) 5\n' > ours.folded
  profile report ours.folded --type alloc_space --quiet --pprof ours.pb.gz
  make_pprof "{$ONE,\"mappings\":[[4194304,4198400,0,\"/usr/bin/app\",\"abc\"]],
    \"locations\":[{\"mapping\":1,\"address\":4194400,\"lines\":[[\"main\",5,3]]},{\"lines\":[[\"nowhere\",5,3]]}],
    \"samples\":[{\"at\":[2,1],\"values\":[100]}]}" in.pb
  local expected=$'main app\nnowhere none\nours node' order
  for order in 'ours.pb.gz in.pb' 'in.pb ours.pb.gz' 'ours.folded in.pb'; do
    # shellcheck disable=SC2086
    profile report $order --type alloc_space --quiet --pprof out.pb.gz
    status_is 0
    [ "$(places out.pb.gz)" = "$expected" ] || fail "$order: $(places out.pb.gz)"
    profile report out.pb.gz --quiet --pprof again.pb.gz
    [ "$(places again.pb.gz)" = "$expected" ] || fail "$order, again: $(places again.pb.gz)"
  done
  profile diff ours.pb.gz in.pb --type alloc_space --quiet --pprof diff.pb.gz
  [ "$(places diff.pb.gz)" = "$expected" ] || fail "a difference: $(places diff.pb.gz)"
}

@test "pprof: the lines of calls are those of the input, once and after a merge" {
  mkdir src
  seq 1 40 | sed 's/^/line /' > src/a.js
  make_pprof "{$ONE,\"file\":\"src/a.js\",\"locations\":[{\"lines\":[[\"main\",5,3]]},{\"lines\":[[\"main\",7,3]]},
    {\"lines\":[[\"make\",12,10]]},{\"lines\":[[\"make\",13,10]]},{\"lines\":[[\"go\",22,0]]},
    {\"lines\":[[\"go\",23,0]]}],
    \"samples\":[{\"at\":[3,1],\"values\":[40]},{\"at\":[4,1],\"values\":[7]},{\"at\":[3,2],\"values\":[5]},{\"at\":[5,2],\"values\":[3]},{\"at\":[6,2],\"values\":[1]}]}" in.pb
  profile report in.pb --pprof one.pb.gz --quiet
  stderr_is ''
  profile report in.pb one.pb.gz --pprof two.pb.gz --quiet
  go tool pprof -proto -output both.pb.gz in.pb in.pb 2> /dev/null
  for order in -flat -cum; do
    pprof_top -lines $order in.pb > theirs
    [ "$(wc -l < theirs)" -eq 6 ] || fail "$(cat theirs)"
    pprof_top -lines $order one.pb.gz | diff theirs -
    pprof_top -lines $order both.pb.gz > theirs
    pprof_top -lines $order two.pb.gz | diff theirs -
  done
  go tool pprof -list . in.pb 2> /dev/null | grep ':line ' > theirs
  file_has theirs 'line 12'
  go tool pprof -list . one.pb.gz 2> /dev/null | grep ':line ' | diff theirs -
  profile report in.pb --folded - --group line --quiet
  stdout_is 'main (src/a.js:5);make (src/a.js:12) 40
main (src/a.js:5);make (src/a.js:13) 7
main (src/a.js:7);go (src/a.js:22) 3
main (src/a.js:7);go (src/a.js:23) 1
main (src/a.js:7);make (src/a.js:12) 5'
  profile report in.pb --folded - --quiet
  stdout_is 'main (src/a.js:3);go (src/a.js) 4
main (src/a.js:3);make (src/a.js:10) 52'
}

@test "pprof: one message lists what of the input is not written" {
  make_pprof "{$ONE,\"locations\":[{\"lines\":[[\"f\",7,3],[\"g\",9,8]]}],\"samples\":[{\"at\":[1],\"values\":[5],\"labels\":{\"tenant\":\"acme\"}}]}" in.pb
  profile report in.pb --pprof o.pb.gz --quiet
  status_is 0
  stderr_is 'shap-flame: o.pb.gz: omitted what was inlined of the input'
  profile report o.pb.gz --pprof p.pb.gz --quiet
  stderr_is ''
  profile report in.pb --folded o.folded --quiet
  stderr_is ''
}

@test "pprof: a function without start_line is one row, whatever lines its calls stand on" {
  make_pprof "{$ONE,\"file\":\"/srv/m.rs\",\"locations\":[{\"lines\":[[\"a\",10]]},{\"lines\":[[\"a\",11]]},{\"lines\":[[\"b\",50]]}],
    \"samples\":[{\"at\":[3,1],\"values\":[100]},{\"at\":[3,2],\"values\":[100]}]}" in.pb
  profile report in.pb --folded -
  stdout_is 'a (/srv/m.rs);b (/srv/m.rs) 200'
}

@test "pprof: a difference that diff wrote is read as one" {
  printf 'a 100\nb 30\n' > before.folded
  printf 'a 60\nc 70\n' > after.folded
  for format in folded svg json listing; do
    profile diff before.folded after.folded --$format direct.$format --pprof d.pb.gz --quiet
    profile report d.pb.gz --$format again.$format --quiet
    status_is 0
    stderr_is ''
  done
  cmp direct.folded again.folded
  cmp direct.listing again.listing
  file_has again.svg '<svg'
  grep -q 'a .* 100 to 60\|before' again.svg || fail 'no difference is drawn'
  profile report d.pb.gz --speedscope s.json
  status_is 73
  stderr_is 'shap-flame: cannot write s.json: --speedscope cannot hold a difference'
  profile diff d.pb.gz after.folded
  status_is 65
  stderr_is 'shap-flame: d.pb.gz is a difference already; name the profiles that it was made from'
}

@test "pprof: negative values that an output cannot hold are reported" {
  make_pprof "{$ONE,\"locations\":[{\"lines\":[[\"grow\"]]},{\"lines\":[[\"shrink\"]]}],\"samples\":[{\"at\":[1],\"values\":[1000]},{\"at\":[2],\"values\":[-1400]}]}" in.pb
  profile report in.pb --folded -
  stdout_is 'grow (/srv/a.cc) 1000'
  stderr_is 'shap-flame: stdout: omitted negative values: 1 stack with -1,400 bytes of alloc_space'
  profile report in.pb --speedscope s.json --quiet
  stderr_is 'shap-flame: s.json: omitted negative values: 1 stack with -1,400 bytes of alloc_space'
  profile report in.pb --svg o.svg
  status_is 73
  stderr_is 'shap-flame: cannot write o.svg: SVG cannot show negative values; draw both sides with shap-flame diff BEFORE AFTER --svg FILE'
}

@test "pprof: a difference beyond 2^63 is refused, status 65" {
  make_pprof "{$ONE,\"locations\":[{\"lines\":[[\"f\"]]}],\"samples\":[{\"at\":[1],\"values\":[\"-9000000000000000000\"]}]}" before.pb
  make_pprof "{$ONE,\"locations\":[{\"lines\":[[\"f\"]]}],\"samples\":[{\"at\":[1],\"values\":[\"9000000000000000000\"]}]}" after.pb
  profile diff before.pb after.pb
  status_is 65
  stdout_is ''
  stderr_is 'shap-flame: cannot process the inputs: figures that add up beyond 2^63, or more rows than 32 bits can number'
}
