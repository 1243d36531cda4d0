load helper

# Starts shap-flame with a target that waits, in a process group of its own; $pid is the wrapper's.
start () {
  # An older 'ready' must not be taken for this one's.
  rm -f out
  setsid node "$ROOT/bin/shap-flame.js" --quiet --folded o.folded "$FIXTURES/waits-for-signal.js" "$@" > out 2> err &
  pid=$!
  wait_for out ready
}

finish () {
  status=0
  wait "$pid" || status=$?
  output=$(cat out)
  stderr=$(cat err)
}

@test "SIGTERM to the wrapper ends the app, the profile is written, the parent sees the signal" {
  start
  kill -TERM "$pid"
  finish
  status_is 143
  stderr_is ''
  file_has o.folded 'waits-for-signal.js'
  nothing_left
}

@test "SIGINT to the wrapper alone is forwarded" {
  start
  kill -INT "$pid"
  finish
  status_is 130
  file_has o.folded 'waits-for-signal.js'
}

@test "Ctrl-C to the whole group ends the app, and the profile is written" {
  start
  kill -INT -- "-$pid"
  finish
  status_is 130
  stderr_is ''
  file_has o.folded 'waits-for-signal.js'
}

@test "an app that handles SIGINT gets each Ctrl-C of a terminal once" {
  start handle
  kill -INT -- "-$pid"
  wait_for out 'got SIGINT'
  # A second SIGINT would come before the SIGTERM. One that comes too early counts as the terminal's.
  until grep -q 'got SIGTERM' out; do
    kill -TERM "$pid" 2>/dev/null || break
    sleep 0.05
  done
  finish
  status_is 7
  [ "$(grep -c 'got SIGINT' out)" -eq 1 ] || fail 'SIGINT was doubled'
}

@test "an app that handles SIGTERM ends as it wants, and the profile is written" {
  start handle
  kill -TERM "$pid"
  finish
  status_is 7
  stdout_is $'ready\ngot SIGTERM 1000'
  file_has o.folded 'waits-for-signal.js'
}

@test "SIGHUP and SIGQUIT to the wrapper are forwarded" {
  start
  kill -HUP "$pid"
  finish
  status_is 129
  start
  kill -QUIT "$pid"
  finish
  status_is 131
  [ -z "$(ls core* 2>/dev/null)" ] || fail 'the wrapper left a core file'
}

@test "an app that is killed: one line, and the parent sees the signal" {
  profile -- sh -c 'kill -KILL $$'
  status_is 137
  stderr_has 'shap-flame: no profile: the command was killed by SIGKILL and left no capture'
}

told () {
  [ "$(grep -c 'cannot signal process .*: not permitted (EPERM)' err)" -ge "$1" ]
}

@test "a signal that may not be sent is a warning: the app runs on, and its status is its own" {
  [ "$(id -u)" -eq 0 ] || skip 'only root can become another user'
  mkfifo hold
  setpriv --bounding-set -kill node "$ROOT/bin/shap-flame.js" -q "$FIXTURES/changes-user.js" <hold >out 2>err &
  pid=$!
  exec 4>hold
  wait_for out ready
  for n in 1 2; do
    kill -TERM "$pid"
    for _ in $(seq 1200); do told "$n" && break; sleep 0.05; done
    told "$n" || fail 'the line never came'
  done
  exec 4>&-
  finish
  status_is 6
  stdout_is ready
}

@test "no process is left behind" {
  start
  kill -TERM "$pid"
  finish
  run pgrep -g "$pid"
  stdout_is ''
}

@test "a wrapper that is killed takes its app along" {
  start
  local app
  app=$(pgrep -f "waits-for-signal.js" -P "$pid")
  kill -KILL "$pid"
  finish
  status_is 137
  # The app is nobody's child then: a zombie has ended as well.
  for _ in $(seq 1200); do
    grep -qs '^State:.[^Z]' "/proc/$app/status" || break
    sleep 0.05
  done
  ! grep -s '^State:.[^Z]' "/proc/$app/status" || fail 'the app goes on'
}

@test "where a sandbox denies kill(), the wrapper ends as the app did" {
  cc -o deny-call "$FIXTURES/deny-call.c"
  run --separate-stderr timeout 60 ./deny-call kill node "$ROOT/bin/shap-flame.js" --folded o.folded "$FIXTURES/exit-3.js"
  status_is 3
  stdout_is 'leaving with 3'
  stderr_is 'shap-flame: wrote o.folded'
  nothing_left
}

@test "where a sandbox ends a process for process_vm_readv, the app runs to its end, and in use is known" {
  cc -o kill-readv "$FIXTURES/kill-readv.c"
  run --separate-stderr timeout 60 ./kill-readv node "$ROOT/bin/shap-flame.js" --type inuse_space --folded o.folded "$FIXTURES/exit-3.js"
  status_is 3
  stdout_is 'leaving with 3'
  stderr_is 'shap-flame: wrote o.folded'
  nothing_left
}

# So many children of restarts-child.js are in the profile.
restarted_are () {
  local count
  count=$(grep 'inRestarted (' o.folded | grep -oE '^process [0-9]+' | sort -u | grep -c '')
  [ "$count" -eq "$1" ] || fail "$count children are in the profile"
}

@test "SIGUSR2, as a watcher restarts its child: the child is in the profile" {
  profile --folded o.folded "$FIXTURES/restarts-child.js" SIGUSR2
  status_is 0
  stdout_is 'SIGUSR2 SIGUSR2'
  stderr_is 'shap-flame: wrote o.folded'
  restarted_are 2
}

@test "children that are killed before they leave anything are named, not more than eight" {
  profile --every off --folded o.folded "$FIXTURES/restarts-child.js" SIGKILL
  status_is 0
  stdout_is 'SIGKILL SIGKILL'
  stderr_lines 3
  [[ "$stderr" =~ process\ [0-9]+\ \(node\ .*\)\ ended\ and\ left\ no\ capture:\ not\ in\ this\ profile ]] || fail 'a child is not named'
  profile --every off --folded o.folded "$FIXTURES/restarts-child.js" SIGKILL 11
  stderr_has '3 more processes ended and left no capture: not in this profile'
  stderr_lines 10
  profile --every off --folded o.folded "$FIXTURES/restarts-child.js" SIGKILL 9
  stderr_has '1 more process ended and left no capture: not in this profile'
  nothing_left
}

@test "--quiet: no line but for what the profile lacks" {
  profile --quiet --every off --folded o.folded "$FIXTURES/restarts-child.js" SIGTERM
  stderr_is ''
  profile --quiet --every off --folded o.folded "$FIXTURES/restarts-child.js" SIGKILL 1
  stderr_lines 1
  stderr_has ' ended and left no capture: not in this profile'
}

@test "an app that is killed is named, and its children are in the profile" {
  profile --every off --folded o.folded "$FIXTURES/restarts-child.js" SIGTERM 1 SIGKILL
  status_is 137
  [[ "$stderr" =~ process\ [0-9]+\ \(node\ .*\)\ was\ killed\ by\ SIGKILL\ before\ its\ first\ checkpoint:\ not\ in\ this\ profile ]] || fail 'it is not named'
  file_has o.folded 'inRestarted ('
  profile --every off -- node -e 'process.kill(process.ppid, 0); setInterval(() => {}, 1000); require("child_process").spawn("kill", ["-KILL", String(process.pid)])'
  status_is 137
  stderr_lines 1
  stderr_has 'was killed by SIGKILL before its first checkpoint'
}

@test "a crash, and the signal of one from outside: the first checkpoint comes within a second" {
  profile --every 60 --folded o.folded "$FIXTURES/restarts-child.js" SIGSEGV
  status_is 0
  stdout_is 'SIGSEGV SIGSEGV'
  restarted_are 2
  stderr_lines 3
  stderr_has ' was killed: using its checkpoint of '
}
