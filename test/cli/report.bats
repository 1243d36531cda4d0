load helper

# A small folded file of known sums.
stacks () {
  printf 'main (/app/a.js:1:1);parse (/app/b.js:2:3) 128\nmain (/app/a.js:1:1) 64\n(GC) 32\n' > "${1:-stacks.folded}"
}

@test "report: a listing on stdout where no output is named" {
  stacks
  profile report stacks.folded
  status_is 0
  [ -z "$stderr" ] || fail 'stderr is not empty'
  [[ "$output" == *'alloc_space'*'224 bytes'* ]] || fail 'the total is missing'
  [[ "$output" == *'parse (/app/b.js:2:3)'* ]] || fail 'a function is missing'
}

@test "report: all seven outputs of one input, and no others" {
  stacks
  profile report stacks.folded --svg o.svg --pprof o.pb.gz --folded o.folded --listing o.txt \
    --markdown o.md --json o.json --heapprofile o.heapprofile
  status_is 0
  stdout_is ''
  stderr_is 'shap-flame: wrote o.svg, o.pb.gz, o.folded, o.txt, o.md, o.json, o.heapprofile'
  cmp <(sort stacks.folded) <(sort o.folded)
  file_has o.svg '<svg'
  gzip -t o.pb.gz
  file_has o.md '|'
  node -e 'JSON.parse(require("fs").readFileSync("o.json")); JSON.parse(require("fs").readFileSync("o.heapprofile"))'
  [ ! -e shap-flame ] || fail 'the outputs of a run were written'
}

@test "report: if more than a tenth is not drawn, a message has how much and how to draw more" {
  node -e '
    const deep = Array(4000).fill("walk").join(";")
    console.log(`${deep} 500\nmain;load 250\nmain;parse 250`)' > deep.folded
  profile report deep.folded --svg o.svg --max-bytes 100000
  status_is 0
  stdout_is ''
  [[ "$stderr" == *'shap-flame: o.svg: '*' of 4,004 frames are drawn; grey blocks stand for 50.0 % of the total; draw more with --max-bytes 400000' ]] || fail "$stderr"
  file_has o.svg '<title>load (250 bytes'
  profile report deep.folded --quiet --svg o.svg --max-bytes 100000
  stderr_is ''
  profile report deep.folded --svg o.svg --max-bytes 4000000
  stderr_is 'shap-flame: wrote o.svg'
}

@test "report: options may come before, after and between inputs" {
  stacks
  profile report --quiet --folded a.folded stacks.folded
  profile report stacks.folded --quiet --folded b.folded
  profile report stacks.folded --quiet stacks.folded --folded c.folded
  cmp a.folded b.folded
  file_has c.folded ';parse (/app/b.js:2:3) 256'
}

@test "report: a word after -- is an input" {
  stacks -odd.folded
  profile report --folded - -- -odd.folded
  status_is 0
  [ "${#lines[@]}" -eq 3 ] || fail 'not three stacks'
}

@test "report: stdin" {
  stacks
  run --separate-stderr bash -c "gzip -c stacks.folded | node '$ROOT/bin/shap-flame.js' report - --folded -"
  status_is 0
  [ "$(sort <<<"$output")" = "$(sort stacks.folded)" ] || fail 'not the same stacks'
}

@test "report: every format of a run holds the same" {
  profile --interval 4k --pprof o.pb.gz --folded o.folded --listing o.txt --heapprofile o.heapprofile "$FIXTURES/quick.js"
  status_is 0
  profile report o.pb.gz --folded p.folded --listing p.txt --pprof p.pb.gz --quiet
  status_is 0
  cmp o.folded p.folded
  diff o.txt p.txt
  gzip -dc p.pb.gz > p.pb
  gzip -dc o.pb.gz | cmp - p.pb
  profile report p.pb --folded q.folded --quiet
  cmp o.folded q.folded
  profile report o.folded --folded f.folded --quiet
  cmp o.folded f.folded
  profile report o.heapprofile --type alloc_space --folded h.folded --quiet
  cmp o.folded h.folded
}

@test "report: a capture" {
  profile -- sh -c 'node "$1" >/dev/null; cp "$SHAP_FLAME_CAPTURES"/*.shfc copy.shfc' sh "$FIXTURES/quick.js"
  [ -s copy.shfc ] || fail 'no capture'
  profile report copy.shfc --folded -
  status_is 0
  [[ "$output" == *'keepArrays ('* ]] || fail 'the stacks are missing'
}

@test "report: Node's --heap-prof" {
  node --heap-prof --heap-prof-name=h.heapprofile --heap-prof-interval=4096 "$FIXTURES/quick.js" >/dev/null
  profile report h.heapprofile --listing -
  status_is 0
  [[ "$output" == *'inuse_space'* ]] || fail 'it is not what is in use'
  [[ "$output" == *'keepArrays'* ]] || fail 'the functions are missing'
}

@test "report: Node 26.12's v8.startHeapProfile holds what died too" {
  profile report "$ROOT/test/golden/node-26.12.heapprofile" --json -
  status_is 0
  sums=$(node -p 'const t = JSON.parse(fs.readFileSync(0)).totals; [t.alloc_space.value, t.inuse_space.value, t.inuse_space.error > 0].join()' <<<"$output")
  # 6 of the 13 samples are of blocks that live: each stands for some 65,536 bytes
  [ "$sums" = 854623,393372,true ] || fail "not allocated and in use: $sums"
}

@test "report: several inputs of several formats are merged" {
  stacks
  profile report stacks.folded --pprof o.pb.gz --quiet
  profile report stacks.folded o.pb.gz --folded -
  status_is 0
  [[ "$output" == *'parse (/app/b.js:2:3) 256'* ]] || fail 'not added up'
}

@test "report: how many inputs are added up is printed, unless --quiet is given" {
  stacks a.folded
  cp a.folded b.folded
  cp a.folded c.folded
  profile report a.folded b.folded c.folded
  status_is 0
  stderr_is 'shap-flame: the profile is the sum of 3 inputs'
  profile report a.folded b.folded c.folded --folded o.folded --quiet
  status_is 0
  stderr_is ''
  profile report a.folded
  stderr_is ''
}

@test "report: --type sets what folded stacks count" {
  stacks
  profile report stacks.folded --type inuse_objects
  status_is 0
  [[ "$output" == *'224 objects'* ]] || fail 'these are no objects'
}

@test "report: a type that the input does not know, status 64" {
  stacks
  profile report stacks.folded --pprof o.pb.gz --quiet
  profile report o.pb.gz --type inuse_space
  status_is 64
  stderr_is 'shap-flame: --type inuse_space: not in the profile, which has alloc_space'
}

@test "report: inputs that do not know the same types" {
  stacks
  for type in alloc_space inuse_space; do
    profile report stacks.folded --type "$type" --pprof "$type.pb.gz" --quiet
  done
  profile report alloc_space.pb.gz inuse_space.pb.gz
  status_is 65
  stdout_is ''
  stderr_is 'shap-flame: alloc_space.pb.gz has alloc_space, inuse_space.pb.gz has inuse_space: no common type to add up'
  profile --quiet --pprof all.pb.gz "$FIXTURES/quick.js"
  profile report inuse_space.pb.gz all.pb.gz --folded in.folded --quiet
  status_is 0
  stderr_is 'shap-flame: omitted alloc_objects, alloc_space, inuse_objects: not in all inputs'
}

@test "report: a pprof of something else than memory is a warning" {
  printf '\x0a\x04\x08\x01\x10\x02\x12\x03\x12\x01\x05\x32\x00\x32\x03cpu\x32\x0bnanoseconds' > cpu.pb
  profile report cpu.pb --listing o.txt --quiet
  status_is 0
  stderr_is 'shap-flame: cpu.pb: cpu/nanoseconds is read as alloc_space'
  printf '\x0a\x04\x08\x01\x10\x02\x12\x03\x12\x01\x05\x32\x00\x32\x0eresident_space\x32\x05bytes' > rss.pb
  profile report rss.pb --listing o.txt --quiet
  stderr_is 'shap-flame: rss.pb: resident_space/bytes is read as alloc_space'
  printf '\x0a\x04\x08\x01\x10\x02\x12\x03\x12\x01\x05\x32\x00\x32\x05space\x32\x05bytes' > space.pb
  profile report space.pb --listing o.txt --quiet
  status_is 0
  stderr_is ''
}

@test "report: a pprof's kilobytes are bytes, and an unknown unit is a warning" {
  printf '\x0a\x04\x08\x01\x10\x02\x12\x03\x12\x01\x64\x32\x00\x32\x0binuse_space\x32\x09kilobytes' > kb.pb
  profile report kb.pb
  status_is 0
  stderr_is ''
  [[ "$output" == *'102,400 bytes'* ]] || fail 'not 100 kB'
  printf '\x0a\x04\x08\x01\x10\x02\x12\x03\x12\x01\x64\x32\x00\x32\x0binuse_space\x32\x05pages' > pages.pb
  profile report pages.pb --quiet --listing o.txt
  stderr_is 'shap-flame: pages.pb: inuse_space/pages is read as inuse_space'
}

@test "report: the type of a pprof is its own default" {
  profile --interval 4k --type inuse_space --pprof o.pb.gz --folded o.folded "$FIXTURES/quick.js"
  profile report o.pb.gz --folded p.folded --quiet
  cmp o.folded p.folded
}

@test "report: --focus, --ignore, --hide, --group and --min" {
  stacks
  profile report stacks.folded --focus parse --folded -
  stdout_is 'main (/app/a.js:1:1);parse (/app/b.js:2:3) 128'
  profile report stacks.folded --ignore GC --hide main --folded -
  [[ "$output" != *GC* && "$output" != *main* ]] || fail 'what is left out is there'
  profile report stacks.folded --group file --folded -
  [[ "$output" == *'/app/a.js;/app/b.js 128'* ]] || fail 'not grouped'
  profile report stacks.folded --min 20 --folded -
  [[ "$output" == *'(1 frames below 20%) 32'* || "$output" == *'below 20%'* ]] || fail 'not summed up'
}

@test "report: a stack of hidden frames alone has a row of its own everywhere" {
  printf 'main;a;b 100\nmain;c 50\nmain 25\n' > hidden.folded
  profile report hidden.folded --hide 'main|c' --folded - --listing l.txt --markdown m.md --json j.json --svg s.svg
  stdout_is $'(hidden) 75\na;b 100'
  file_has l.txt '(hidden)'
  file_has_not l.txt 'Outside any function'
  file_has m.md '`(hidden)`'
  file_has s.svg '(hidden)'
  run node -p "require('./j.json').functions.reduce((sum, f) => sum + f.self.alloc_space, 0)"
  [ "$output" = 175 ] || fail "rows add up to $output"
}

@test "report: lines without a count are skipped with a warning" {
  stacks odd.folded
  echo 'no count' >> odd.folded
  profile report odd.folded --folded o.folded
  status_is 0
  stderr_lines 2
  stderr_has 'shap-flame: odd.folded: skipped 1 line without a count, the first is line 4'
}

@test "report without an input: status 64" {
  profile report
  status_is 64
  stderr_is 'shap-flame: no input: shap-flame report FILE... (- is stdin); see --help'
}

@test "report: stdin twice, status 64" {
  profile report - -
  status_is 64
  stderr_is 'shap-flame: - given twice: stdin can be read only once'
}

@test "report: an option of a run, status 64" {
  profile report --interval 4k x
  status_is 64
  stderr_is 'shap-flame: --interval: not an option of report, only of attach, a run, check'
}

@test "report: a file that is not there, status 66" {
  profile report absent.folded
  status_is 66
  stdout_is ''
  stderr_is 'shap-flame: absent.folded: no such file or folder (ENOENT)'
}

@test "report: of several files that cannot be read only the first is an error" {
  printf 'a 1\n' > a.folded
  profile report a.folded absent.folded none.folded
  status_is 66
  stderr_is 'shap-flame: absent.folded: no such file or folder (ENOENT)'
}

@test "report: messages about several files come in their order" {
  { printf 'odd\n'; seq -f 'a;b%.0f 1' 20000; } > a.folded
  printf 'odd\nodd\nb 2\n' > b.folded
  profile report a.folded b.folded --folded ab.folded
  status_is 0
  [[ "${stderr_lines[0]}" == *'a.folded: skipped 1 line'* ]] || fail 'the message about the first file is not first'
  [[ "${stderr_lines[1]}" == *'b.folded: skipped 2 lines'* ]] || fail 'the message about the second file is not second'
}

@test "report: beside a stdin that does not end, a missing file is an error at once" {
  mkfifo endless
  run --separate-stderr timeout 20 node "$ROOT/bin/shap-flame.js" report absent.folded - <> endless
  status_is 66
  stderr_is 'shap-flame: absent.folded: no such file or folder (ENOENT)'
}

@test "report: a folder, status 65" {
  profile report .
  status_is 65
  stderr_is 'shap-flame: .: it is a folder (EISDIR)'
}

@test "report: an empty file, status 65" {
  : > empty
  profile report empty
  status_is 65
  stderr_is 'shap-flame: empty: the file is empty'
}

@test "report: other kinds of file, status 65 and their name" {
  local cpu='this is a CPU profile, which does not contain memory allocations'
  local snapshot='this is a heap snapshot, which does not contain memory allocations'
  node --cpu-prof --cpu-prof-name=n.cpuprofile -e 0
  profile report n.cpuprofile --folded -
  status_is 65
  stdout_is ''
  stderr_is "shap-flame: n.cpuprofile: $cpu"
  node -e 'require("v8").writeHeapSnapshot("n.heapsnapshot")'
  profile report n.heapsnapshot --folded -
  status_is 65
  stdout_is ''
  stderr_is "shap-flame: n.heapsnapshot: $snapshot"
  stacks
  profile report stacks.folded --speedscope s.json --json r.json --quiet
  profile report s.json --folded -
  status_is 65
  stdout_is ''
  stderr_is "shap-flame: s.json: this is speedscope JSON, which is not supported: use the profile that it was made from"
  profile report r.json --folded -
  status_is 65
  stderr_is 'shap-flame: r.json: this is a JSON report, which is not supported: use the profile that it was made from'
  tar -cf t.tar stacks.folded
  profile report t.tar --folded -
  status_is 65
  stdout_is ''
  stderr_is 'shap-flame: t.tar: this is a tar archive, which is not supported: unpack it first'
}

@test "report: bytes of 0 among stacks, status 65 and the line" {
  printf 'a;b 1\n\0\nc 2\n' > binary
  profile report binary --folded -
  status_is 65
  stdout_is ''
  stderr_is 'shap-flame: binary: a zero byte: not text, pprof, .heapprofile or a capture, at line 2'
}

@test "report: folded stacks in UTF-16, as PowerShell writes them" {
  printf '\xff\xfem\0a\0;\0b\0 \0005\0\r\0\n\0' > utf16.folded
  profile report utf16.folded --folded -
  status_is 0
  stdout_is 'ma;b 5'
  [ -z "$stderr" ] || fail 'stderr is not empty'
}

@test "report: prints how many counts with decimals were rounded" {
  printf 'a;b 0.156\na;c 0.98\na;d 0.343\na;e 0.888\n' > real.folded
  profile report real.folded --folded -
  status_is 0
  stdout_is $'a;c 1\na;e 1'
  stderr_is 'shap-flame: real.folded: rounded 4 counts with decimals to whole numbers, 2 of them to 0'
}

@test "report: an input that takes more than --max-memory, status 65" {
  node -e 'let s = ""; for (let i = 0; i < 20000; i++) s += i.toString(16) + ";"; console.log(s + "x 1")' > deep.folded
  profile report deep.folded --max-memory 400k --folded -
  status_is 65
  stdout_is ''
  stderr_is 'shap-flame: deep.folded: it needs more memory than --max-memory allows: raise that'
  profile report deep.folded --max-memory 16m --folded -
  status_is 0
}

# A stack of 1000 places, each of 3000 functions inlined into one another.
@test "report: a small file that takes far more memory than its size, status 65" {
  node -e '
    const varint = n => { const out = []; while (n > 127) { out.push(n & 127 | 128); n >>>= 7 } out.push(n); return Buffer.from(out) }
    const bytes = (field, b) => Buffer.concat([varint(field << 3 | 2), varint(b.length), b])
    const number = (field, n) => Buffer.concat([varint(field << 3), varint(n)])
    const lines = Array(3000).fill(bytes(4, number(1, 1)))
    const parts = [bytes(1, Buffer.concat([number(1, 1), number(2, 2)])),
      bytes(2, Buffer.concat([bytes(1, Buffer.alloc(1000, 1)), number(2, 5)])),
      bytes(4, Buffer.concat([number(1, 1), ...lines])), bytes(5, Buffer.concat([number(1, 1), number(2, 3)])),
      ...["", "space", "bytes", "fn"].map(text => bytes(6, Buffer.from(text)))]
    require("fs").writeFileSync("small.pb", Buffer.concat(parts))'
  profile report small.pb --pprof o.pb.gz
  status_is 65
  stderr_is 'shap-flame: small.pb: it needs more memory than --max-memory allows: raise that'
  [ ! -e o.pb.gz ] || fail 'a part of it is there'
  profile report small.pb --max-memory 1g --pprof o.pb.gz
  status_is 0
}

@test "report: an output that would be larger than --max-memory, status 73" {
  node -e 'const n = 20000; console.log("{\"head\":" + "{\"callFrame\":{\"functionName\":\"a\"},\"selfSize\":1,\"children\":[".repeat(n) + "]}".repeat(n) + "}")' > deep.heapprofile
  profile report deep.heapprofile --max-memory 16m --folded deep.folded
  status_is 73
  stderr_lines 1
  stderr_has 'it would be larger than it may be (--max-memory)'
  [ ! -e deep.folded ] || fail 'a part of it is there'
}

@test "report: the message about many types is one short line" {
  node -e '
    const varint = n => { const out = []; while (n > 127) { out.push(n & 127 | 128); n >>>= 7 } out.push(n); return Buffer.from(out) }
    const bytes = (field, b) => Buffer.concat([varint(field << 3 | 2), varint(b.length), b])
    const number = (field, n) => Buffer.concat([varint(field << 3), varint(n)])
    const parts = []
    for (let i = 0; i < 900; i++) parts.push(bytes(1, Buffer.concat([number(1, 2 + i), number(2, 1)])))
    for (const text of ["", "bytes"]) parts.push(bytes(6, Buffer.from(text)))
    for (let i = 0; i < 900; i++) parts.push(bytes(6, Buffer.from(`freed_${i}${"x".repeat(100)}`)))
    require("fs").writeFileSync("types.pb", Buffer.concat(parts))'
  profile report types.pb --folded o.folded
  status_is 0
  [[ "${stderr_lines[0]}" == *'is not read and 898 more' ]] || fail 'how many more there are is missing'
  [ "${#stderr_lines[0]}" -lt 400 ] || fail 'it is long'
}

@test "report: a text that is no profile, status 65 and the line" {
  printf '\n# Readme\nHello\n' > readme.md
  profile report readme.md
  status_is 65
  stderr_is 'shap-flame: readme.md: no count at the end: not a pprof, .heapprofile, capture or folded stacks file, at line 3'
}

@test "report: a differential file, status 65 and the line" {
  printf 'a 1 2\n' > diff.folded
  profile report diff.folded
  status_is 65
  stderr_has 'shap-flame: diff.folded: two counts: differential files are not supported'
  stderr_has ', at line 1'
  stderr_lines 1
}

@test "report: a pprof cut short, status 65 and the byte" {
  stacks
  profile report stacks.folded --pprof o.pb.gz --quiet
  gzip -dc o.pb.gz > o.pb
  local size
  size=$(($(wc -c < o.pb) - 3))
  head -c "$size" o.pb > cut.pb
  profile report cut.pb
  status_is 65
  stderr_is "shap-flame: cut.pb: the profile is cut short, at byte $size"
  head -c 60 o.pb.gz > cut.pb.gz
  profile report cut.pb.gz
  status_is 65
  stderr_is 'shap-flame: cut.pb.gz: the gzip data is cut short, at byte 60'
}

@test "report: pprofs one after the other, status 65 and the way out" {
  stacks
  profile report stacks.folded --pprof one.pb.gz --quiet
  cat one.pb.gz one.pb.gz > two.pb.gz
  profile report two.pb.gz
  status_is 65
  [[ "$stderr" == *'two.pb.gz: several profiles one after the other, where each needs a file of its own (report a.pb.gz b.pb.gz), at byte '* ]] || fail "not printed: $stderr"
  # one profile may be of several members, as pigz writes it
  gzip -dc one.pb.gz > one.pb
  { head -c 50 one.pb | gzip; tail -c +51 one.pb | gzip; } > members.pb.gz
  profile report members.pb.gz --folded -
  status_is 0
  [[ "$output" == *'parse (/app/b.js:2:3) 128'* ]] || fail 'members are not read'
}

@test "report: a damaged .heapprofile, status 65 and the byte" {
  printf '{"head":{"selfSize":5,]}' > o.heapprofile
  profile report o.heapprofile
  status_is 65
  stderr_is 'shap-flame: o.heapprofile: invalid JSON, at byte 22'
}

@test "report: a damaged input among good ones, status 65, nothing written" {
  stacks
  echo nonsense > bad
  profile report stacks.folded bad --folded o.folded
  status_is 65
  stderr_lines 1
  [ ! -e o.folded ] || fail 'an output was written'
}

@test "report: an output that cannot be written, status 73, and the others are" {
  stacks
  profile report stacks.folded --svg absent/o.svg --folded o.folded
  status_is 73
  stderr_has 'shap-flame: cannot write absent/o.svg: no such file or folder (ENOENT)'
  file_has o.folded 'parse'
}

@test "report: a reader that has gone is no failure" {
  stacks
  run --separate-stderr bash -c "set -o pipefail; node '$ROOT/bin/shap-flame.js' report stacks.folded --folded - | true"
  status_is 0
  [ -z "$stderr" ] || fail 'stderr is not empty'
}

@test "report: a signal in the middle of a file leaves nothing half written" {
  node -e 'for (let i = 0; i < 150000; i++) console.log(`main (/a.js:1:1);f${i} (/b.js:1:1);g${i} (/c.js:1:1) ${1 + i}`)' > big.folded
  # On a busy machine it may be done with a file, or over, before we have seen it write.
  local pid
  for _ in $(seq 20); do
    rm -rf out
    mkdir out
    node "$ROOT/bin/shap-flame.js" report big.folded --svg out/o.svg --pprof out/o.pb.gz 2> stderr.txt &
    pid=$!
    while kill -0 "$pid" 2> /dev/null && ! compgen -G 'out/*~' > /dev/null; do :; done
    kill "$pid" 2> /dev/null || true
    status=0
    wait "$pid" || status=$?
    compgen -G 'out/*~' > /dev/null && break
    [ "$status" -eq 0 ] || [ -n "$(ls out)" ] || break
  done
  status_is 143
  [ -z "$(ls out)" ] || fail "left behind: $(ls out)"
}

@test "report: negative values cannot be drawn as SVG: an error" {
  # alloc_space/bytes: one sample of -5
  printf '\x0a\x04\x08\x01\x10\x02\x12\x0b\x12\x09\xfb\xff\xff\xff\xff\xff\xff\xff\xff\x01' > loss.pb
  printf '\x32\x00\x32\x0balloc_space\x32\x05bytes' >> loss.pb
  sed -i 's/\x12\x0b\x12\x09/\x12\x0c\x12\x0a/' loss.pb
  profile report loss.pb --listing -
  status_is 0
  profile report loss.pb --svg o.svg
  status_is 73
  stderr_is 'shap-flame: cannot write o.svg: SVG cannot show negative values; draw both sides with shap-flame diff BEFORE AFTER --svg FILE'
}

@test "report --help: its own options" {
  profile report --help
  status_is 0
  [[ "$output" == *'--group'* ]] || fail '--group is missing'
  [[ "$output" != *'--interval BYTES'* ]] || fail '--interval is of a run'
}
