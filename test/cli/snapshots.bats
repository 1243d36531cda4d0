load helper

# Starts shap-flame with a target that goes on; $pid is the wrapper's, $app the app's.
start () {
  setsid node "$ROOT/bin/shap-flame.js" "$@" > out 2> err &
  pid=$!
  wait_for out ready
  app=$(sed -n 's/^ready //p' out)
}

finish () {
  status=0
  kill -TERM "$pid"
  wait "$pid" || status=$?
  output=$(cat out)
  stderr=$(cat err)
}

@test "--signal: a snapshot by SIGUSR2 to the app and to the wrapper, and the run goes on" {
  start --signal "$FIXTURES/takes-snapshots.js"
  kill -USR2 "$app"
  file_comes "shap-flame/takes-snapshots.$app.1.pb.gz"
  kill -USR2 "$pid"
  file_comes "shap-flame/takes-snapshots.$app.2.pb.gz"
  finish
  status_is 143
  stderr_has "shap-flame: wrote shap-flame/takes-snapshots.$app.1.pb.gz; in use is as of the last garbage collection"
  file_comes "shap-flame/takes-snapshots.$app.svg"
  profile diff "shap-flame/takes-snapshots.$app.1.pb.gz" "shap-flame/takes-snapshots.$app.2.pb.gz"
  status_is 0
  [[ "$output" == *keepMore* ]] || fail 'the difference does not hold the function'
  nothing_left
}

@test "--signal NAME takes that signal, and --quiet prints nothing about it" {
  start --quiet --signal SIGALRM "$FIXTURES/takes-snapshots.js"
  kill -ALRM "$app"
  file_comes "shap-flame/takes-snapshots.$app.1.pb.gz"
  finish
  status_is 143
  stderr_is ''
}

@test "--every and --keep: the last snapshots are files, older ones are gone" {
  start --quiet --every 0.2 --keep 2 --folded o.folded "$FIXTURES/takes-snapshots.js"
  file_comes "shap-flame/takes-snapshots.$app.5.pb.gz"
  finish
  status_is 143
  [ "$(ls shap-flame | wc -l)" -eq 2 ] || fail "there are not two files: $(ls shap-flame)"
  [ ! -e "shap-flame/takes-snapshots.$app.1.pb.gz" ] || fail 'the first one is still there'
  nothing_left
}

@test "without --signal the signal ends the app, as it would without us" {
  start --quiet "$FIXTURES/takes-snapshots.js"
  kill -USR2 "$app"
  status=0
  wait "$pid" || status=$?
  status_is 140
}

@test "a snapshot from code resolves to its file" {
  profile --quiet --folded o.folded --name mine --out-dir dir "$FIXTURES/takes-snapshots.js" code
  status_is 3
  local first second
  { read -r first; read -r second; } <<< "$output"
  [[ "$first" == "$PWD"/dir/mine.*.1.pb.gz ]] || fail 'the first path is another'
  [[ "$second" == "$PWD"/dir/mine.*.2.pb.gz ]] || fail 'the second path is another'
  [ -s "$first" ] && [ -s "$second" ] || fail 'a file is missing'
}

@test "a snapshot from code comes although the app's clock stands still and its files are made up" {
  profile --quiet --folded out.folded "$FIXTURES/mocked-clock.js" snapshot
  status_is 0
  [[ "$output" == mocked-clock.*.1.pb.gz ]] || fail "printed: $output"
  nothing_left
}

@test "--engine inspector: a profile although the app's clock stands still" {
  profile --quiet --engine inspector --interval 4k --folded out.folded "$FIXTURES/mocked-clock.js" ends
  status_is 0
  stdout_is 'ends'
  file_has out.folded 'mocked-clock.js'
  nothing_left
}

@test "a snapshot from code with the preload alone is a capture" {
  run --separate-stderr env SHAP_FLAME_INTERVAL=4k node --require "$ROOT/lib/register.js" "$FIXTURES/takes-snapshots.js" code
  status_is 3
  [[ "${output%%$'\n'*}" == "$PWD"/shap-flame/*.1.shfc ]] || fail 'it is no numbered capture'
  profile report "${output%%$'\n'*}" --folded o.folded
  file_has o.folded 'keepMore ('
}

@test "a snapshot from code of an app that is not profiled: the error explains how" {
  run --separate-stderr node -e "require('$ROOT').snapshot().catch(error => console.log(error.code))"
  stdout_is 'ERR_SHAP_FLAME_NOT_RUNNING'
}

@test "signals that mean something else are refused" {
  local name
  for name in SIGTERM SIGUSR1 SIGKILL SIGCHLD SIGNONE; do
    profile --signal "$name" "$FIXTURES/quick.js"
    status_is 64
    stderr_has "--signal: '$name' is not one of SIGUSR2, "
  done
  profile --signal=nonsense "$FIXTURES/quick.js"
  status_is 64
}

@test "the wrapper does not pass the signal to a command that would die of it" {
  start --signal -- sh -c "node '$FIXTURES/takes-snapshots.js'; echo over"
  kill -USR2 "$pid"
  wait_for err 'SIGUSR2 was not forwarded'
  kill -USR2 "$app"
  file_comes "shap-flame/sh.$app.1.pb.gz"
  kill -TERM "$app"
  wait_for out over
  wait "$pid" || true
}

@test "process.abort: a profile, and the parent sees SIGABRT" {
  echo 'const kept = []; function keepIt () { for (let i = 0; i < 1000; i++) kept.push(new Array(1000).fill(i)) }
    keepIt(); console.log(process.abort.name, process.abort.length, Object.keys(process).includes("abort")); process.abort()' > aborts.js
  ulimit -c 0
  profile --quiet --folded o.folded aborts.js
  status_is 134
  stdout_is 'abort 0 true'
  file_has o.folded 'keepIt ('
}

@test "a snapshot that cannot be written is an error, and the status is 73 where the app's is 0" {
  echo 'a file in the way' > in-the-way
  cat > asks.js <<JS
globalThis.kept = Array.from({ length: 3000 }, (_, i) => new Array(1000).fill(i))
require('$ROOT').snapshot().catch(() => {})
JS
  profile --quiet --signal --out-dir in-the-way --folded o.folded asks.js
  status_is 73
  stderr_has 'shap-flame: cannot write snapshot 1 of process '
  [ -s o.folded ] || fail 'no profile'
}
