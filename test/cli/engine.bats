load helper

# A folder of bindings without the sampler.
core_alone () {
  mkdir -p alone
  cp "${SHAP_FLAME_BINDINGS:-$ROOT/build/Release}/shap_core.node" alone/
  export SHAP_FLAME_BINDINGS=$PWD/alone
}

@test "--engine inspector: the same outputs, and one line about what is missing" {
  profile --engine inspector --interval 4k --folded out.folded --json out.json "$FIXTURES/quick.js" a
  status_is 0
  stdout_is '["a"]'
  stderr_lines 2
  stderr_has 'memory in use is not known here, only allocations: the inspector does not report which samples are alive'
  file_has out.folded 'makeGarbage ('
  file_has_not out.folded "$ROOT/lib"
  file_has_not out.folded 'node:inspector'
  file_has out.json '"engine":'
  nothing_left
}

@test "--engine inspector --type inuse_space: what is in use, and one line about what is missing" {
  profile --engine inspector --interval 4k --type inuse_space --folded out.folded "$FIXTURES/quick.js"
  status_is 0
  stderr_lines 2
  stderr_has 'only memory in use is known here, not allocations'
}

@test "SHAP_FLAME_ENGINE works like --engine; --quiet prints nothing" {
  run --separate-stderr env SHAP_FLAME_ENGINE=inspector node "$ROOT/bin/shap-flame.js" --quiet --json out.json "$FIXTURES/quick.js"
  status_is 0
  stderr_is ''
  file_has out.json '"engine":'
}

@test "--engine: another word is wrong usage" {
  profile --engine gdb "$FIXTURES/quick.js"
  status_is 64
  stderr_lines 1
  stderr_has "--engine: 'gdb' is not one of native, inspector"
}

@test "a missing sampler: the inspector samples instead, one warning, the app keeps its status" {
  core_alone
  run --separate-stderr env SHF_STATUS=3 node "$ROOT/bin/shap-flame.js" --interval 4k --folded out.folded "$FIXTURES/quick.js"
  status_is 3
  stdout_is '[]'
  stderr_lines 2
  stderr_has 'the sampler has no binary (shap_sampler.node) for Node v'
  stderr_has 'using node:inspector instead'
  file_has out.folded 'makeGarbage ('
}

@test "a sampler that does not load: the inspector samples instead" {
  core_alone
  echo 'no binary' > alone/shap_sampler.node
  profile --interval 4k --folded out.folded "$FIXTURES/quick.js"
  status_is 0
  stderr_lines 2
  stderr_has 'the sampler does not load in Node v'
  file_has out.folded 'makeGarbage ('
}

@test "a missing sampler is reported once for all processes and threads of a run" {
  core_alone
  profile --interval 4k --folded out.folded "$FIXTURES/worker-and-child.js"
  status_is 0
  [ "$(printf '%s\n' "$stderr" | grep -c 'has no binary')" -eq 1 ] || fail 'it is not printed once'
}

@test "--engine native with a missing sampler: one line, no profile, the app runs on" {
  core_alone
  run --separate-stderr env SHF_STATUS=3 node "$ROOT/bin/shap-flame.js" --engine native "$FIXTURES/quick.js" a
  status_is 3
  stdout_is '["a"]'
  stderr_lines 2
  stderr_has 'the sampler has no binary (shap_sampler.node) for Node v'
  stderr_has 'shap-flame: no profile: sampling did not start, see above'
}

@test "--engine inspector: a signal ends the app as usual and leaves the last checkpoint" {
  node "$ROOT/bin/shap-flame.js" --engine inspector --every 0.1 --quiet --json out.json "$FIXTURES/waits-for-signal.js" > out 2> err 3>&- &
  local pid=$!
  wait_for out ready
  file_comes "$TMPDIR/shap-flame-*/*.shfc"
  kill -TERM $pid
  local code=0
  wait $pid || code=$?
  [ "$code" -eq 143 ] || fail "the status is $code"
  file_has err 'was killed: using its checkpoint'
  file_has out.json '"engine":'
}

# Runs quick.js under the permission model, which allows it what the arguments say.
permitted () {
  local flag=--permission
  [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 23 ] || flag=--experimental-permission
  profile --folded out.folded -- node --no-warnings $flag --allow-fs-read="$FIXTURES/quick.js" "$@" "$FIXTURES/quick.js" a
}

@test "the permission model denies reading our files: the message says what to add, the app runs on, status 65" {
  permitted --allow-fs-read="$ROOT/lib/register.js"
  status_is 65
  stdout_is '["a"]'
  stderr_lines 2
  stderr_has ": the permission model blocks it; add --allow-addons --allow-fs-read=$ROOT/*"
  stderr_has 'shap-flame: no profile: the command started no Node process that could be sampled'
}

@test "the permission model denies addons: the message says what to add, the app runs on, status 65" {
  permitted --allow-fs-read='*'
  status_is 65
  stdout_is '["a"]'
  stderr_lines 2
  stderr_has ": the permission model blocks it; add --allow-addons --allow-fs-read=$ROOT/*"
}

@test "the permissions that the message names are enough" {
  permitted --allow-addons --allow-fs-read="$ROOT/*" --allow-fs-read="${SHAP_FLAME_BINDINGS:-$ROOT/build}/*"
  status_is 0
  stdout_is '["a"]'
  stderr_is 'shap-flame: wrote out.folded'
  file_has out.folded 'keepArrays ('
}

@test "by the inspector, the terminal and every output say that Buffers are not counted" {
  echo 'globalThis.kept = Array.from({ length: 3000 }, (_, i) => new Array(1000).fill(i))' > heap.js
  profile --engine inspector --markdown o.md --json o.json --folded - heap.js
  status_is 0
  stderr_has 'Buffers and ArrayBuffers are not sampled: node:inspector samples only the heap'
  file_has o.md 'node:inspector samples only the heap'
  file_has o.json 'node:inspector samples only the heap'
  profile --engine inspector --no-offheap --markdown o.md heap.js
  file_has_not o.md 'samples the heap alone'
}
