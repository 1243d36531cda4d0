load helper

@test "without a script: one line and status 64" {
  profile
  status_is 64
  stdout_is ''
  stderr_is 'shap-flame: no script: shap-flame app.js, or shap-flame -- command; see --help'
}

@test "a script that an option took as its file is an error" {
  profile --quiet --svg "$FIXTURES/quick.js"
  status_is 64
  stdout_is ''
  stderr_is "shap-flame: no script: shap-flame app.js, or shap-flame -- command (--svg took $FIXTURES/quick.js as its file); see --help"
  grep -q keepArrays "$FIXTURES/quick.js" || fail 'it was written over'
}

@test "without a command behind --: one line and status 64" {
  profile --
  status_is 64
  stderr_is 'shap-flame: no command after --: shap-flame app.js, or shap-flame -- command; see --help'
}

@test "a script that does not exist: one line and status 66" {
  profile absent.js
  status_is 66
  stdout_is ''
  stderr_is 'shap-flame: absent.js: no such script'
}

@test "a command where a script is expected: the error explains how to run commands" {
  profile npm test
  status_is 66
  stderr_is 'shap-flame: npm: no such script; to profile a command: shap-flame -- npm'
}

@test "a command that does not exist: one line and status 66" {
  profile -- no-such-command-anywhere
  status_is 66
  stderr_is 'shap-flame: cannot start no-such-command-anywhere: no such command'
  nothing_left
}

@test "an unknown option: status 64 and the nearest one" {
  profile --intervall 3 app.js
  status_is 64
  stderr_is 'shap-flame: --intervall: no such option; did you mean --interval?'
}

@test "an unknown option that is near to none: status 64 and where to look" {
  profile --frobnicate app.js
  status_is 64
  stderr_is 'shap-flame: --frobnicate: no such option; see --help'
}

@test "a number that is none: status 64, the option and the value named" {
  profile --interval often app.js
  status_is 64
  stderr_is "shap-flame: --interval: 'often' is not a number of bytes; write 4096, 64k or 1m"
}

@test "an interval of 0: status 64" {
  profile --interval 0 app.js
  status_is 64
  stderr_is "shap-flame: --interval: '0' is too small; the minimum is 1 byte"
}

@test "a depth of 0: status 64" {
  profile --depth 0 app.js
  status_is 64
  stderr_is "shap-flame: --depth: '0' is not a whole number from 1 to 100000"
}

@test "an unknown type: status 64 and the four there are" {
  profile --type bytes app.js
  status_is 64
  stderr_is "shap-flame: --type: 'bytes' is not one of alloc_objects, alloc_space, inuse_objects, inuse_space"
}

@test "a broken regular expression: status 64" {
  profile --focus '(' app.js
  status_is 64
  stderr_has "shap-flame: --focus: '(' is not a regular expression"
  stderr_lines 1
}

@test "an option without its value: status 64" {
  profile --interval
  status_is 64
  stderr_is 'shap-flame: --interval needs a value: --interval BYTES'
  profile --svg --quiet app.js
  status_is 64
  stderr_is 'shap-flame: --svg needs a value: --svg FILE'
}

@test "a flag with a value: status 64" {
  profile --quiet=yes app.js
  status_is 64
  stderr_is 'shap-flame: --quiet takes no value'
}

@test "two outputs to stdout: status 64" {
  profile --svg - --folded - app.js
  status_is 64
  stderr_is 'shap-flame: --svg - and --folded -: only one output can go to stdout; name a file for the other'
}

@test "two outputs to one file: status 64, nothing runs" {
  profile --svg same.out --pprof ./same.out "$FIXTURES/quick.js"
  status_is 64
  stdout_is ''
  stderr_is 'shap-flame: --svg and --pprof: both would write ./same.out; name another file for one'
  touch a.folded
  profile report a.folded --json same.out --benchmark-json same.out
  status_is 64
  stderr_is 'shap-flame: --json and --benchmark-json: both would write same.out; name another file for one'
}

@test "two outputs to one device: it holds both" {
  printf 'a 1\n' > a.folded
  profile report a.folded --json /dev/null --folded /dev/null
  status_is 0
}

@test "an option of another command: status 64 and whose it is" {
  profile attach --keep 3 1
  status_is 64
  stderr_is 'shap-flame: --keep: not an option of attach, only of a run'
  profile --duration 3 app.js
  status_is 64
  stderr_is 'shap-flame: --duration: not an option of a run, only of attach'
}

@test "an option with no- too much, or without: status 64 and the one that is there" {
  profile --offheap app.js
  status_is 64
  stderr_is 'shap-flame: --offheap: no such option; did you mean --no-offheap?'
  profile --no-quiet app.js
  status_is 64
  stderr_is 'shap-flame: --no-quiet: no such option; did you mean --quiet?'
}

@test "a command that is mistyped: the one that was meant" {
  profile reprot a.pb.gz
  status_is 66
  stderr_is 'shap-flame: reprot: no such script; did you mean shap-flame report?'
  profile help reprot
  status_is 64
  stderr_is 'shap-flame: reprot: no such command or topic; did you mean report?'
}

@test "help of help: the text of --help" {
  profile --help
  local text=$output
  for word in help --help -h; do
    profile help "$word"
    status_is 0
    stdout_is "$text"
  done
}

@test "help and version that cannot be written: one line and status 73" {
  local words
  for words in 'help' 'help diff' '--help' '--version' 'report --help'; do
    # shellcheck disable=SC2086
    run --separate-stderr bash -c '"$@" > /dev/full' - node "$ROOT/bin/shap-flame.js" $words
    status_is 73
    stderr_is 'shap-flame: cannot write stdout: no space left on the device (ENOSPC)'
  done
}

@test "help whose reader has gone: status 0, nothing on stderr" {
  run --separate-stderr bash -c 'set -o pipefail; "$@" | true' - node "$ROOT/bin/shap-flame.js" help
  status_is 0
  stderr_is ''
}

@test "a picture narrower than can be drawn: status 64, nothing runs" {
  profile --width 199 "$FIXTURES/quick.js"
  status_is 64
  stdout_is ''
  stderr_is "shap-flame: --width: '199' is not a whole number from 200 to 100000"
}

@test "a bad value in the environment: status 64, the variable named" {
  SHAP_FLAME_DEPTH=deep profile app.js
  status_is 64
  stderr_is "shap-flame: SHAP_FLAME_DEPTH: 'deep' is not a whole number from 1 to 100000"
}

@test "--help: stdout, 80 columns, each option, status 0" {
  profile --help
  status_is 0
  [ -z "$stderr" ] || fail 'stderr is not empty'
  columns_at_most 80 "$output"
  for option in svg pprof folded listing markdown json heapprofile out-dir name interval depth type \
    group focus ignore hide min source-lines gc no-gc no-offheap max-profiler-memory only-main every title subtitle \
    width height minwidth inverted reverse colors fonttype fontsize countname nametype notes max-bytes \
    quiet open help version verbose; do
    [[ "$output" == *"--$option"* ]] || fail "--$option is missing"
  done
}

@test "--every takes auto, off or seconds: status 64 for all else" {
  profile --every often app.js
  status_is 64
  stderr_is "shap-flame: --every: 'often' is not auto, off or a number of seconds of at least 0.1"
}

@test "--version --verbose names the hash of the SVG's script" {
  profile --version --verbose
  status_is 0
  [[ "$output" =~ script\ in\ SVGs:\ (sha256-[A-Za-z0-9+/]{43}=) ]] || fail "no hash in: $output"
  local named=${BASH_REMATCH[1]}
  printf 'a;b 100\n' > in.folded
  profile report in.folded --svg o.svg
  status_is 0
  node -e '
    const script = /<script[^>]*>(?:<!\[CDATA\[)?([^]*?)(?:\]\]>)?<\/script>/.exec(require("fs").readFileSync("o.svg", "utf8"))[1]
    console.log("sha256-" + require("crypto").createHash("sha256").update(script).digest("base64"))' > hash
  file_has hash "$named"
}

@test "--help prints help though the environment is broken" {
  SHAP_FLAME_DEPTH=deep profile --help
  status_is 0
}

@test "--version: the version of package.json" {
  profile --version
  status_is 0
  stdout_is "shap-flame $(node -p "require('$ROOT/package.json').version")"
}

@test "a missing core: one line and status 70, and the app does not run" {
  SHAP_FLAME_BINDINGS=$BATS_TEST_TMPDIR
  cp -r "$ROOT/lib" "$ROOT/bin" "$ROOT/package.json" .
  rm -rf lib/prebuilds
  run --separate-stderr env SHAP_FLAME_BINDINGS="$BATS_TEST_TMPDIR" node bin/shap-flame.js "$FIXTURES/quick.js"
  status_is 70
  stdout_is ''
  stderr_lines 1
  stderr_has 'shap-flame: the core has no binary (shap_core.node) for Node v'
}

@test "help COMMAND prints what COMMAND --help prints, status 0" {
  local command
  for command in attach report diff check; do
    profile help "$command"
    status_is 0
    [ -z "$stderr" ] || fail 'stderr is not empty'
    [[ "$output" == "shap-flame $command: "* ]] || fail "no help of $command"
    [ "$output" = "$(shap_flame "$command" --help)" ] || fail "$command --help says something else"
  done
}

@test "help without a command, and of run, prints what --help prints" {
  profile help
  status_is 0
  [ "$output" = "$(shap_flame --help)" ] || fail '--help says something else'
  [ "$output" = "$(shap_flame help run)" ] || fail 'help run says something else'
}

@test "help of what is no command: one line and status 64" {
  profile help stop
  status_is 64
  stdout_is ''
  stderr_is 'shap-flame: stop: no such command or topic; choose from run, attach, report, diff, check, accuracy, limits, ci, service, labels'
  profile help report diff
  status_is 64
  stderr_is 'shap-flame: help takes one command or topic: shap-flame help COMMAND'
}
