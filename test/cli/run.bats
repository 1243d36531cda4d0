load helper

@test "a run writes four files and prints their paths" {
  profile "$FIXTURES/quick.js"
  status_is 0
  stdout_is '[]'
  local extension count
  for extension in svg pb.gz folded txt; do
    count=$(ls shap-flame/quick.*."$extension" | wc -l)
    [ "$count" -eq 1 ] || fail "$count files end in $extension"
    stderr_has "  $(ls shap-flame/quick.*."$extension")"
  done
  [ "$(ls shap-flame | wc -l)" -eq 4 ] || fail 'there are other files'
  nothing_left
}

@test "a run prints which functions allocated most, in 80 columns" {
  profile "$FIXTURES/quick.js"
  stderr_has 'allocated; '
  stderr_has ' in use after a GC'
  stderr_has 'makeGarbage ('
  stderr_has 'keepArrays ('
  columns_at_most 80 "$stderr"
  [[ "$stderr" != *$'\033'* ]] || fail 'there are colours though stderr is no terminal'
}

@test "a run prints whose memory is in use, by the app's own caller" {
  profile "$FIXTURES/mostly-garbage.js"
  local -a part
  mapfile -t part < <(sed -n '/function: in use$/,/^$/p' <<<"$stderr")
  [[ "${part[1]}" == *'split ← keepLines ('*'mostly-garbage.js:'* ]] || fail "${part[*]}"
  [[ "${part[*]}" != *dropLines* ]] || fail 'what was collected is in use'
  columns_at_most 80 "$stderr"
}

@test "below what is in use stands the app's path to it, in 80 columns" {
  mkdir -p node_modules/kept
  echo 'module.exports = (n, how) => how(n)' > node_modules/kept/index.js
  cat > app.js <<'END'
const make = require('kept')
globalThis.all = []
function remember (x) { all.push(x) }
function page (i) { remember(make(1000, n => Array.from({ length: n }, (_, k) => ({ k, i })))) }
function serve () { for (let i = 0; i < 100; i++) page(i) }
serve()
END
  profile --interval 16k --no-inlining app.js
  status_is 0
  stderr_has '← page (:4) ← serve (:5)'
  columns_at_most 80 "$stderr"
}

@test "memory that a package allocated without the app is listed as the package's" {
  mkdir -p node_modules/pool
  echo 'globalThis.all = []; module.exports = () => setImmediate(function later () { for (let i = 0; i < 5e4; i++) all.push({ i }) })' > node_modules/pool/index.js
  echo 'require("pool")()' > app.js
  profile --interval 16k app.js
  status_is 0
  stderr_has '← no function of the app'
}

@test "a run prints the parts of its process's memory, which add up" {
  profile --interval 4k --json p.json --listing p.txt "$FIXTURES/quick.js"
  profile "$FIXTURES/quick.js"
  status_is 0
  stderr_has 'shap-flame: RSS '
  columns_at_most 80 "$stderr"
  node -e 'const { memory: m } = JSON.parse(require("fs").readFileSync("p.json"))
    const assert = require("assert")
    assert.equal(m.heap + m.off_heap + m.external + m.code + m.native, m.rss)
    assert.ok(m.rss_start > 1e7 && m.rss_peak >= m.rss && m.rss_peak >= m.rss_start)
    assert.ok(m.heap > m.heap_sampled && m.heap_sampled > 6e6, JSON.stringify(m))
    assert.ok(m.code > 1e7 && m.native < m.rss)'
  file_has p.txt 'Memory of the process: RSS at the start '
  profile --no-gc --only-main --focus keepArrays --listing p.txt "$FIXTURES/quick.js"
  [[ "$(cat p.txt)" != *'Memory of the process'* ]] || fail 'what is left is held against the whole process'
}

@test "memory that no sampler sees is printed as memory of the process" {
  echo 'globalThis.m = new WebAssembly.Memory({ initial: 800 }); new Uint8Array(m.buffer).fill(1)' > wasm.js
  profile --json p.json wasm.js
  status_is 0
  node -e 'const { memory: m } = JSON.parse(require("fs").readFileSync("p.json"))
    require("assert").ok(m.external + m.native > 50e6, JSON.stringify(m))'
}

@test "garbage is collected before what is in use is printed, of a large heap too" {
  profile --json out.json "$FIXTURES/large-heap.js"
  run --separate-stderr node -e '
    const { sources, functions } = JSON.parse(require("fs").readFileSync("out.json"))
    const inUse = name => functions.find(one => one.name === name)?.self.inuse_space ?? 0
    const error = 2.3e6 // of 80 MB, at 64k
    const kept = Math.abs(inUse("keepLarge") - 80e6) < 6 * error
    console.log(sources.find(one => one.kind === "heap").gc, kept, inUse("dropLarge") < 6 * error)'
  [ "$output" = 'forced true true' ] || fail "$output $stderr"
}

@test "a requested type is printed alone" {
  profile --type inuse_objects "$FIXTURES/mostly-garbage.js"
  [ "$(grep -c 'function: ' <<<"$stderr")" -eq 1 ] || fail "$stderr"
  stderr_has 'function: objects in use'
}

@test "the app's own arguments stay its own" {
  profile --quiet "$FIXTURES/quick.js" --svg x --help -- -q
  status_is 0
  stdout_is '["--svg","x","--help","--","-q"]'
  [ ! -e x ] || fail 'x was written'
}

@test "a command behind --, with node's flags" {
  profile --folded out.folded -- node --max-old-space-size=512 "$FIXTURES/quick.js" a b
  status_is 0
  stdout_is '["a","b"]'
  file_has out.folded 'keepArrays ('
}

@test "node -e with code that is too long for a file's name" {
  local code
  code="console.log(1)$(printf '%5000s' '')"
  profile --pprof out.pb.gz -- node -e "$code"
  status_is 0
  stdout_is 1
  stderr_is 'shap-flame: wrote out.pb.gz'
}

@test "a script whose name is too long: one line and status 66" {
  local name
  name="$(printf '%300s' '' | tr ' ' x).js"
  profile "$name"
  status_is 66
  stderr_is "shap-flame: $name: no such script"
}

@test "the exit status is the app's" {
  SHF_STATUS=42 profile --quiet "$FIXTURES/quick.js"
  status_is 42
}

@test "stdin is the app's" {
  echo 'process.stdin.pipe(process.stdout)' > cat.js
  run --separate-stderr bash -c "printf 'a\nb' | node '$ROOT/bin/shap-flame.js' --quiet cat.js"
  status_is 0
  stdout_is $'a\nb'
}

@test "stderr of the app stays on stderr" {
  echo 'console.error("mine")' > err.js
  profile --quiet err.js
  stdout_is ''
  stderr_is 'mine'
}

@test "a script without its extension" {
  cp "$FIXTURES/quick.js" app.js
  profile --quiet ./app
  status_is 0
  stdout_is '[]'
  ls shap-flame/app.*.svg
}

@test "a script whose path has a space, a quote and a backslash" {
  mkdir 'a "b" \c'
  cp "$FIXTURES/quick.js" 'a "b" \c/it'\''s.js'
  profile --quiet --folded out.folded 'a "b" \c/it'\''s.js'
  status_is 0
  file_has out.folded 'keepArrays ('
}

@test "shap-flame itself in such a path" {
  local odd='p "q" \r'
  mkdir -p "$odd/build"
  cp -r "$ROOT/lib" "$ROOT/bin" "$ROOT/package.json" "$odd"
  cp -r "${SHAP_FLAME_BINDINGS:-$ROOT/build/Release}" "$odd/build/Release"
  run --separate-stderr env -u SHAP_FLAME_BINDINGS node "$odd/bin/shap-flame.js" --folded out.folded "$FIXTURES/quick.js"
  status_is 0
  file_has out.folded 'keepArrays ('
}

@test "NODE_OPTIONS of the user are kept" {
  echo 'console.log("preloaded")' > first.cjs
  NODE_OPTIONS="--require ./first.cjs" profile --quiet --folded out.folded -- node "$FIXTURES/quick.js"
  status_is 0
  [[ "$output" == *preloaded*'[]' ]] || fail 'the preload of the user did not run'
  file_has out.folded 'keepArrays ('
}

@test "an ES module with top-level await" {
  profile --folded out.folded "$FIXTURES/es-module.mjs"
  status_is 0
  stdout_is 'module 2000'
  file_has out.folded 'keepStrings ('
}

@test "no profile shows frames of shap-flame" {
  profile --folded out.folded "$FIXTURES/quick.js"
  file_has_not out.folded "$ROOT/lib/"
}

@test "the environment's mirror of options" {
  SHAP_FLAME_FOLDED=out.folded SHAP_FLAME_QUIET=1 profile "$FIXTURES/quick.js"
  status_is 0
  [ -z "$stderr" ] || fail 'it is not quiet'
  file_has out.folded 'keepArrays ('
}

@test "the command line wins over the environment" {
  SHAP_FLAME_FOLDED=env.folded profile --folded line.folded "$FIXTURES/quick.js"
  [ -e line.folded ] || fail 'line.folded is absent'
  [ ! -e env.folded ] || fail 'env.folded was written'
}

@test "--quiet prints nothing" {
  profile --quiet "$FIXTURES/quick.js"
  status_is 0
  [ -z "$stderr" ] || fail 'stderr is not empty'
}

@test "an uncaught throw: node's own message and status, and a profile" {
  echo 'const kept = []; function keepIt () { for (let i = 0; i < 1000; i++) kept.push(new Array(1000).fill(i)) }
    keepIt(); throw new Error("on purpose")' > throws.js
  profile --folded out.folded throws.js
  status_is 1
  stderr_has 'Error: on purpose'
  file_has out.folded 'keepIt ('
}

@test "process.exit in the middle: its status, and a profile" {
  echo 'const kept = []; function keepIt () { for (let i = 0; i < 1000; i++) kept.push(new Array(1000).fill(i)) }
    keepIt(); process.exit(9)' > exits.js
  profile --folded out.folded exits.js
  status_is 9
  file_has out.folded 'keepIt ('
}

@test "processes and workers of a run fit in 80 columns" {
  echo 'const { Worker, isMainThread } = require("node:worker_threads")
    globalThis.kept = Array.from({ length: 1e6 }, (_, i) => [i])
    if (isMainThread) {
      new Worker(__filename)
      if (!process.argv[2]) require("node:child_process").spawnSync(process.execPath, [__filename, "child"])
    }' > both.js
  profile both.js
  status_is 0
  stderr_has 'in 2 processes, 2 workers'
  columns_at_most 80 "$stderr"
}

@test "memory of Buffers is a frame at the call that made it, held against Node's count" {
  printf 'function keep () {\n  globalThis.kept = Buffer.alloc(50e6)\n}\nkeep()\n' > buffers.js
  profile buffers.js
  status_is 0
  stderr_has 'off-heap: 50.0 '
  stderr_has ' MB in use; Node counts 50.'
  stderr_has 'MB of ArrayBuffers'
  stderr_has '(off-heap) ← keep (buffers.js:2:'
  columns_at_most 80 "$stderr"
  file_has "$(ls shap-flame/*.txt)" 'Off-heap: 50,'
  file_has "$(ls shap-flame/*.folded)" 'keep ('
}

@test "--no-offheap leaves the memory of Buffers out" {
  echo 'globalThis.kept = Buffer.alloc(50e6)' > buffers.js
  profile --no-offheap buffers.js
  status_is 0
  [[ "$stderr" != *off-heap* ]] || fail 'off-heap memory is printed'
  SHAP_FLAME_NO_OFFHEAP=1 profile buffers.js
  [[ "$stderr" != *off-heap* ]] || fail 'off-heap memory is printed, though the environment says no'
}

@test "Buffers of worker threads are below their worker" {
  cat > workers.js <<'JS'
const { Worker, isMainThread } = require('node:worker_threads')
if (isMainThread) new Worker(__filename)
else globalThis.kept = Buffer.alloc(30e6)
JS
  profile --folded out.folded workers.js
  status_is 0
  grep -q '^worker.1;.*;(off-heap) (.*workers.js:3:[0-9]*) 30' out.folded || fail 'no off-heap frame of the worker'
}

@test "a working folder that was removed: a command runs as without us" {
  mkdir gone && cd gone && rmdir ../gone
  profile --folded "$BATS_TEST_TMPDIR/work/o.folded" -- node -e 'globalThis.kept = Array.from({ length: 1e5 }, (_, i) => [i]); console.log(1)'
  status_is 0
  stdout_is 1
  cd "$BATS_TEST_TMPDIR/work" || fail 'no work folder'
  [ -s o.folded ] || fail 'no profile'
}

@test "a checkpoint that falls due in the last collection: the next capture still records it" {
  echo 'const kept = globalThis.kept = []; for (let i = 0; i < 3e6; i++) kept.push({ i })' > large.js
  profile --quiet --every 0.1 --listing o.txt large.js
  status_is 0
  file_has o.txt 'Garbage was collected before the capture.'
}

@test "what makes the outputs is loaded while the app runs: its start does not wait for it" {
  cat > loaded.js <<'JS'
const children = require('node:child_process')
const { spawn } = children
children.spawn = (...given) => {
  children.spawn = spawn
  const own = Object.keys(require.cache).filter(file => /[/\\]lib[/\\]/.test(file)).map(file => file.replace(/^.*[/\\]lib[/\\]/, ''))
  require('node:fs').writeFileSync('at-start.txt', own.join('\n'))
  return spawn(...given)
}
JS
  run --separate-stderr node --require ./loaded.js "$ROOT/bin/shap-flame.js" --quiet --folded o.folded "$FIXTURES/quick.js"
  status_is 0
  file_has at-start.txt cli/commands/run.js
  for file in api/profile.js cli/report-captures.js cli/write-outputs.js cli/summary-table.js cli/merge-threads.js cli/github-actions.js sources/; do
    file_has_not at-start.txt "$file"
  done
  [ "$(wc -l < at-start.txt)" -lt 20 ] || fail "$(cat at-start.txt)"
}

@test "where a sandbox denies getcwd(), the app runs as without shap-flame, and a message explains why there is no profile" {
  cc -o deny-call "$FIXTURES/deny-call.c"
  run --separate-stderr ./deny-call getcwd node "$ROOT/bin/shap-flame.js" --folded o.folded "$FIXTURES/exit-3.js"
  status_is 3
  stdout_is 'leaving with 3'
  [ "${stderr_lines[0]}" = 'shap-flame: the command is not profiled: Node loads no preload where the working folder cannot be read: not permitted (EPERM)' ] || fail 'the reason is missing'
  [ "${stderr_lines[1]}" = 'shap-flame: no profile: sampling did not start, see above' ] || fail 'it does not say that there is no profile'
  stderr_lines 2
  nothing_left
}

@test "where a sandbox denies statx(), a run writes its profile" {
  cc -o deny-call "$FIXTURES/deny-call.c"
  run --separate-stderr ./deny-call statx node "$ROOT/bin/shap-flame.js" --folded o.folded "$FIXTURES/exit-3.js"
  status_is 3
  stdout_is 'leaving with 3'
  stderr_is 'shap-flame: wrote o.folded'
  [ -s o.folded ] || fail 'there is no profile'
  nothing_left
}

@test "the preload loads no child_process for an app that starts no process, and the wrapper no perf_hooks" {
  echo "console.log(process.moduleLoadList.includes('NativeModule child_process'))" > app.js
  echo "process.on('exit', () => process.argv[1] === '$ROOT/bin/shap-flame.js' && console.error(process.moduleLoadList.join()))" > list.js
  NODE_OPTIONS='--require ./list.js' profile --quiet app.js
  status_is 0
  stdout_is 'false'
  [[ "$stderr" == *'NativeModule child_process'* ]] || fail 'the list is not the wrapper'"'"'s'
  [[ "$stderr" != *'NativeModule perf_hooks'* ]] || fail 'the wrapper loads perf_hooks'
}
