load helper

@test "all seven outputs at once, and no others" {
  profile --svg o.svg --pprof o.pb.gz --folded o.folded --listing o.txt --markdown o.md \
    --json o.json --heapprofile o.heapprofile "$FIXTURES/quick.js"
  status_is 0
  stdout_is '[]'
  [ ! -e shap-flame ] || fail 'the default outputs were written too'
  file_has o.svg '<svg'
  gzip -t o.pb.gz
  file_has o.folded 'keepArrays ('
  file_has o.txt 'keepArrays'
  file_has o.md '|'
  node -e 'JSON.parse(require("fs").readFileSync("o.json"))'
  node -e 'if (!JSON.parse(require("fs").readFileSync("o.heapprofile")).head) throw 1'
}

@test "an output to stdout comes after the app's own" {
  profile --folded - "$FIXTURES/quick.js"
  status_is 0
  [ "${lines[0]}" = '[]' ] || fail 'the first line is not the app'\''s'
  [[ "$output" == *'keepArrays ('* ]] || fail 'the stacks are missing'
}

@test "stdout and files together" {
  profile --folded - --svg o.svg "$FIXTURES/quick.js"
  status_is 0
  stderr_is 'shap-flame: wrote o.svg'
}

@test "--out-dir and --name" {
  profile --out-dir deep/er --name mine "$FIXTURES/quick.js"
  status_is 0
  ls deep/er/mine.*.svg deep/er/mine.*.pb.gz deep/er/mine.*.folded deep/er/mine.*.txt
}

@test "--type chooses what the folded stacks count" {
  profile --type inuse_space --folded inuse.folded "$FIXTURES/quick.js"
  status_is 0
  file_has inuse.folded 'keepArrays ('
  file_has_not inuse.folded 'makeGarbage ('
}

@test "--focus, --ignore and --hide" {
  profile --focus keepArrays --folded focus.folded "$FIXTURES/quick.js"
  file_has focus.folded 'keepArrays ('
  file_has_not focus.folded 'makeGarbage ('
  profile --ignore keepArrays --folded ignore.folded "$FIXTURES/quick.js"
  file_has ignore.folded 'makeGarbage ('
  file_has_not ignore.folded 'keepArrays ('
  profile --hide 'node:internal' --folded hide.folded "$FIXTURES/quick.js"
  file_has hide.folded 'keepArrays ('
  file_has_not hide.folded 'node:internal'
}

@test "--group file: one frame a file" {
  profile --group file --folded o.folded "$FIXTURES/quick.js"
  status_is 0
  file_has o.folded 'quick.js'
  file_has_not o.folded 'keepArrays'
}

@test "--min sums up small frames" {
  profile --min 20 --folded o.folded "$FIXTURES/quick.js"
  status_is 0
  file_has o.folded 'below 20%'
  file_has o.folded 'keepArrays ('
}

@test "--title, --subtitle and --width appear in the SVG" {
  profile --svg o.svg --title 'My <title>' --subtitle 'and below' --width 800 "$FIXTURES/quick.js"
  status_is 0
  file_has o.svg 'My &lt;title&gt;'
  file_has o.svg 'and below'
  file_has o.svg '800'
}

@test "an output folder that cannot be created: the profile is saved elsewhere, status 73" {
  echo > blocked
  profile --out-dir blocked/out "$FIXTURES/quick.js"
  status_is 73
  stdout_is '[]'
  stderr_has 'shap-flame: cannot create the folder blocked/out: a part of the path is not a folder (ENOTDIR); the profile was saved as '
  gzip -t "$TMPDIR"/shap-flame-saved-*/quick.*.pb.gz
  stderr_has "$(ls "$TMPDIR"/shap-flame-saved-*/quick.*.pb.gz)"
}

@test "an output that cannot be written: the others are, and the app's failure stays its own" {
  SHF_STATUS=5 profile --svg absent/o.svg --folded o.folded "$FIXTURES/quick.js"
  status_is 5
  stderr_has 'shap-flame: cannot write absent/o.svg: no such file or folder (ENOENT); the profile was saved as '
  file_has o.folded 'keepArrays ('
}

@test "--open without a flamegraph is a message" {
  profile --open --folded o.folded "$FIXTURES/quick.js"
  status_is 0
  stderr_has 'shap-flame: --open: no flamegraph was written to a file; add --svg FILE'
}

@test "--open starts the system's opener with the file" {
  mkdir bin
  printf '#!/bin/sh\necho "$1" > opened\n' > bin/xdg-open
  chmod +x bin/xdg-open
  PATH="$PWD/bin:$PATH" profile --open --svg o.svg "$FIXTURES/quick.js"
  status_is 0
  wait_for opened "$PWD/o.svg"
}

@test "a script with a very long name: the files begin with a part of it" {
  script=$(printf 'a%.0s' {1..252}).js
  cp "$FIXTURES/quick.js" "$script"
  profile --quiet "$script"
  status_is 0
  [ "$(find shap-flame -type f | wc -l)" -eq 4 ] || fail 'not four files'
}

@test "--name that is too long is refused" {
  profile --name "$(printf 'a%.0s' {1..201})" "$FIXTURES/quick.js"
  status_is 64
  stderr_has 'shap-flame: --name: the name has 201 bytes; the maximum is 200'
}

@test "--benchmark-json of root in another user's folder: none of its links is followed" {
  [ "$(id -u)" -eq 0 ] || skip 'only root has folders of other users'
  mkdir theirs && echo secret > victim && chmod 600 victim
  ln -s "$PWD/victim" theirs/linked.json && chown -h 65534:65534 theirs/linked.json
  echo old > theirs/own.json && chown -R 65534:65534 theirs
  echo 'main;f 5' > in.folded
  # Every temporary name that one with the process's id alone could have.
  node -e 'const fs = require("node:fs"); const top = Number(fs.readFileSync("/proc/loadavg", "utf8").split(" ")[4])
    for (let pid = top; pid < top + 2000; pid++) fs.symlinkSync(`${process.cwd()}/victim`, `theirs/own.json.${pid}~`)'
  profile report in.folded --benchmark-json theirs/own.json --folded o.folded -q
  status_is 0
  profile report in.folded --benchmark-json theirs/linked.json --folded o.folded -q
  status_is 0
  [ "$(stat -c '%u %a' victim)" = '0 600' ] && [ "$(cat victim)" = secret ] || fail 'the victim was changed'
  file_has theirs/own.json alloc_space
  file_has theirs/linked.json alloc_space
  [ "$(stat -c %u theirs/own.json)" = 65534 ] || fail 'the owner is another'
}

@test "folded stacks above 10 MB are left out unless named: a message has their size and how to get them" {
  cat > deep.js <<'JS'
globalThis.kept = []
const long = 'a'.repeat(60)
const leaves = Array.from({ length: 1500 }, (_, i) => new Function(`return function ${long}${i} () { globalThis.kept.push(new Array(1000).fill(${i})) }`)())
const chain = depth => depth === 0
  ? () => leaves.forEach(leaf => leaf())
  : new Function('next', `return function ${long}_${depth} () { next() }`)(chain(depth - 1))
chain(120)()
JS
  profile --interval 1k deep.js
  status_is 0
  [ -z "$(find shap-flame -name '*.folded')" ] || fail 'they are written'
  [ "$(find shap-flame -type f | wc -l)" -eq 3 ] || fail 'not three files'
  [[ "$stderr" =~ skipped\ shap-flame/deep\.[0-9]+\.folded:\ it\ would\ take\ ([0-9.]+)\ MB\;\ write\ it\ with\ --folded\ FILE ]] || fail 'no message'
  profile --quiet --interval 1k --folded o.folded deep.js
  status_is 0
  [ "$(stat -c %s o.folded)" -gt 10000000 ] || fail 'it is small'
}
