load helper

setup_file () {
  export SIDES=$BATS_FILE_TMPDIR
  printf 'main (/app/a.js:1:1);grows (/app/b.js:2:3) 1000000\nmain (/app/a.js:1:1);same (/app/c.js:1:1) 500000\n' > "$SIDES/before"
  printf 'main (/app/a.js:1:1);grows (/app/b.js:9:3) 1300000\nmain (/app/a.js:1:1);same (/app/c.js:1:1) 500000\n' > "$SIDES/after"
}


@test "check: a limit that holds, status 0" {
  profile check "$SIDES/before" --max alloc_space=2m
  status_is 0
  stdout_is ''
  stderr_is 'shap-flame: alloc_space 1.50 MB, the limit is 2.00 MB
shap-flame: check passed: 1 limit held'
}

@test "check: a limit exceeded: status 80 and the largest functions" {
  profile check "$SIDES/before" --max alloc_space=1m
  status_is 80
  stdout_is ''
  stderr_is 'shap-flame: alloc_space 1.50 MB, 500 kB above the limit of 1.00 MB
             1.00 MB  grows (/app/b.js:2)
              500 kB  same (/app/c.js:1)
shap-flame: check failed: 1 of 1 limit exceeded'
}

@test "check: a limit may be in decimal or binary units" {
  profile check "$SIDES/before" --max alloc_space=1.4M
  stderr_has 'above the limit of 1.40 MB'
  profile check "$SIDES/before" --max alloc_space=1MiB
  stderr_has 'above the limit of 1.05 MB'
  profile check "$SIDES/before" --max alloc_space=0
  status_is 80
  stderr_has 'above the limit of 0 B'
}

@test "check: a limit of the stacks through a file" {
  profile check "$SIDES/before" --max 'alloc_space:app/c\.js=600000' --max 'alloc_space:app/b.js=600000'
  status_is 80
  stderr_has 'alloc_space of app/b.js 1.00 MB, 400 kB above the limit of 600 kB'
  stderr_has 'alloc_space of app/c\.js 500 kB, the limit is 600 kB'
}

@test "check: growth beyond its limit, status 80, the delta and the function that grew" {
  profile check "$SIDES/after" --baseline "$SIDES/before" --max-growth 10%
  status_is 80
  stderr_is 'shap-flame: alloc_space +300 kB (+20.0%): 1.50 MB to 1.80 MB, more than +10%
             +300 kB  grows (/app/b.js:9)
shap-flame: check failed: 1 of 1 limit exceeded'
}

@test "check: growth within its limit, status 0" {
  profile check "$SIDES/after" --baseline "$SIDES/before" --max-growth alloc_space=25%
  status_is 0
  stderr_has 'alloc_space +300 kB (+20.0%): 1.50 MB to 1.80 MB, the limit is +25%'
}

@test "check: without a limit, 5 % over the baseline" {
  profile check "$SIDES/after" --baseline "$SIDES/before"
  status_is 80
  stderr_has 'more than +5%'
}

@test "check: runs of one unchanged program pass, and noise is printed" {
  # V8 samples by the seed: chance does not decide.
  for seed in 1 2; do
    profile --quiet --pprof "$seed.pb.gz" -- node --random-seed="$seed" "$FIXTURES/quick.js"
    status_is 0
  done
  profile check 2.pb.gz --baseline 1.pb.gz --max-growth 10%
  status_is 0
  # On itself: no luck decides where in the noise the growth lies.
  profile check 1.pb.gz --baseline 1.pb.gz --max-growth 10%
  status_is 0
  stderr_has 'too few samples to judge +10%: noise is ±'
  stderr_has 'check passed with a warning: 1 of 1 limit cannot be judged'
  profile check 1.pb.gz --baseline 1.pb.gz --max-growth 10% --strict
  status_is 80
  stderr_has 'and --strict was given'
}

@test "check: several files are runs of one program" {
  profile check "$SIDES/before" "$SIDES/after" --max alloc_space=1680000
  status_is 0
  stderr_has 'alloc_space 1.65'
}

@test "check: several baselines, after one option or several" {
  profile check "$SIDES/after" --baseline "$SIDES/after" "$SIDES/after" --max-growth 1%
  status_is 0
  profile check "$SIDES/after" --baseline "$SIDES/after" --baseline "$SIDES/after" --max-growth 1%
  status_is 0
}

@test "check --runs: repeats the command, and a baseline of all runs" {
  profile check --runs 3 --interval 16k --baseline base.pb.gz --save-baseline --max alloc_space=100m -- node "$FIXTURES/quick.js"
  status_is 0
  [ "${#lines[@]}" -eq 3 ] || fail 'the command did not run three times'
  stderr_has 'shap-flame: wrote the baseline base.pb.gz'
  profile check --runs 3 --interval 16k --baseline base.pb.gz --max-growth 30% -- node "$FIXTURES/quick.js"
  status_is 0
  nothing_left
  profile diff base.pb.gz base.pb.gz
  [[ "$output" == *'Means of 3 runs before and 3 runs after'* ]] || fail 'the numbers of runs are not printed'
}

@test "check -- command: the outputs of a run" {
  profile check --max alloc_space=1g --svg o.svg --json o.json -- node "$FIXTURES/quick.js"
  status_is 0
  file_has o.svg '<svg'
  file_has o.json '"alloc_space"'
}

@test "check: a command that fails is not judged, and its status is the status" {
  profile check --max 1 -- node -e 'process.exit(3)'
  status_is 3
  stderr_is 'shap-flame: the command exited with status 3; nothing was checked'
  profile check --max 1 --runs 3 -- node -e 'process.exit(require("fs").existsSync("once") ? 4 : require("fs").writeFileSync("once", ""))'
  status_is 4
  stderr_is 'shap-flame: the command exited with status 4 in run 2 of 3; nothing was checked'
  nothing_left
}

@test "check: a command that a signal ends, the same signal" {
  profile check --max 1 -- node -e 'process.kill(process.pid, "SIGKILL")'
  status_is 137
  stderr_has 'the command was killed by SIGKILL; nothing was checked'
}

@test "check: a missing baseline: status 66 and how to make one" {
  profile check "$SIDES/after" --baseline none.pb.gz
  status_is 66
  stderr_is 'shap-flame: none.pb.gz: no such file; create the baseline with --save-baseline'
}

@test "check --save-baseline: written only if no limit is exceeded" {
  profile check "$SIDES/before" --baseline base.pb.gz --save-baseline
  status_is 0
  stderr_is 'shap-flame: wrote the baseline base.pb.gz'
  cp base.pb.gz first.pb.gz
  profile check "$SIDES/after" --baseline base.pb.gz --save-baseline
  status_is 80
  cmp base.pb.gz first.pb.gz
  profile check "$SIDES/after" --baseline base.pb.gz --save-baseline --max-growth 30%
  status_is 0
  cmp base.pb.gz first.pb.gz && fail 'the baseline was not written'
  return 0
}

@test "check: an expression that matches nothing is reported" {
  profile check "$SIDES/before" --max 'alloc_space:nowhere=1m'
  status_is 0
  stderr_has 'alloc_space of nowhere: nothing matches nowhere'
  profile check "$SIDES/before" --max 'alloc_space:nowhere=1m' --strict
  status_is 80
}

@test "check: never more than twelve lines" {
  local limits=()
  for i in 1 2 3 4 5 6 7 8 9; do limits+=(--max "alloc_space=$i"); done
  profile check "$SIDES/after" --baseline "$SIDES/before" "${limits[@]}"
  status_is 80
  stderr_lines 12
  stderr_has 'and 4 more limits'
  stderr_has 'grows (/app/b.js:9)'
  export GITHUB_ACTIONS=true
  profile check "$SIDES/after" --baseline "$SIDES/before" "${limits[@]}"
  status_is 80
  [ "$(grep -c '' <<<"$stderr")" -le 12 ] || fail 'more than twelve lines'
}

@test "check --quiet: prints only what failed" {
  profile check --quiet "$SIDES/before" --max alloc_space=2m
  status_is 0
  stderr_is ''
  profile check --quiet "$SIDES/before" --max alloc_space=1m --max alloc_space=2m
  status_is 80
  stderr_has '500 kB above'
  [[ "$stderr" != *'the limit is 2.10'* ]] || fail 'a limit that holds is printed'
}

@test "check: wrong usage, status 64" {
  profile check "$SIDES/before"
  status_is 64
  stderr_has 'no limit given: '
  profile check --max 1m
  status_is 64
  stderr_has 'nothing to check: '
  profile check --max 1m --
  status_is 64
  stderr_is 'shap-flame: no command after --: shap-flame check [limits] -- command; see --help'
  profile check "$SIDES/before" --max-growth 5%
  status_is 64
  stderr_has '--max-growth needs --baseline FILE'
  profile check "$SIDES/before" --max nothing=5m
  status_is 64
  stderr_is "shap-flame: --max: 'nothing' is not one of alloc_objects, alloc_space, inuse_objects, inuse_space"
  for limit in much 1x 5i 0.1 9e9 99999999t; do
    profile check "$SIDES/before" --max "alloc_space=$limit"
    status_is 64
    stderr_has "--max: '$limit'"
  done
  profile check "$SIDES/before" --runs 2 --max 1m
  status_is 64
  profile check "$SIDES/before" --max 1m -- node -v
  status_is 64
  profile check "$SIDES/before" --max 1m --save-baseline
  status_is 64
  profile check "$SIDES/before" --max inuse_space=1m
  status_is 64
  stderr_is 'shap-flame: inuse_space: not in the profile, which has alloc_space'
}

@test "check: a command without -- is an error that shows how to run it" {
  printf 'f()\n' > app.js
  profile check app.js --max 1m
  status_is 65
  stderr_has 'app.js: no count at the end: '
  stderr_has '; to run it: shap-flame check [limits] -- node app.js'
  profile check npm test --max 1m
  status_is 66
  stderr_is 'shap-flame: npm: no such file or folder (ENOENT); to run it: shap-flame check [limits] -- npm'
  profile check absent.pb.gz --max 1m
  status_is 66
  stderr_is 'shap-flame: absent.pb.gz: no such file or folder (ENOENT)'
}

@test "check: a baseline without the type: status 65" {
  printf 'f 5\n' > objects
  profile report objects --type alloc_objects --pprof objects.pb.gz --quiet
  profile check "$SIDES/after" --type alloc_space --baseline objects.pb.gz
  status_is 65
  stderr_has 'the baseline: alloc_space: not in the profile'
  profile check "$SIDES/after" --max 1g --max alloc_objects=5 --baseline "$SIDES/before"
  status_is 64
  stderr_is 'shap-flame: alloc_objects: not in the profile, which has alloc_space'
}

@test "check: without --type, a type that the baseline has too" {
  profile --quiet --pprof all.pb.gz "$FIXTURES/quick.js"
  printf 'f 5\n' > inuse
  profile report inuse --type inuse_space --pprof inuse.pb.gz --quiet
  profile check all.pb.gz --max inuse_space=1g --baseline inuse.pb.gz
  status_is 0
  stderr_has 'the limit is 1.00 GB'
  profile check all.pb.gz --baseline inuse.pb.gz --max-growth alloc_space=5%
  status_is 65
  stderr_is 'shap-flame: the baseline: alloc_space: not in the profile, which has inuse_space'
}

@test "check: what a coarser baseline missed is not growth, and the intervals are printed" {
  for i in 1 2 3; do
    profile --quiet --interval 16k --pprof fine.pb.gz -- node --random-seed="$i" "$FIXTURES/quick.js"
    profile --quiet --interval 512k --pprof coarse.pb.gz -- node --random-seed="$i" "$FIXTURES/quick.js"
    profile check fine.pb.gz --baseline coarse.pb.gz --type alloc_space --max-growth 10% --max-growth "alloc_space:keepArrays=10%"
    status_is 0
    stderr_has 'shap-flame: sampling intervals differ: 524,288 bytes before, 16,384 bytes after; the errors include that'
  done
  profile check fine.pb.gz --baseline fine.pb.gz
  [[ "$stderr" != *intervals* ]] || fail 'equal intervals are reported as different'
}

@test "check, diff: off-heap memory that one side did not sample is left out with a warning" {
  echo 'global.kept = Array.from({ length: 200 }, () => Buffer.alloc(65536))' > buffers.js
  profile --quiet --no-offheap --pprof heap.pb.gz buffers.js
  profile --quiet --pprof all.pb.gz buffers.js
  profile check all.pb.gz --baseline heap.pb.gz --type inuse_space --max-growth 200%
  status_is 0
  stderr_has 'shap-flame: off-heap memory omitted: only the profile after includes it'
  profile diff all.pb.gz heap.pb.gz --type inuse_space
  status_is 0
  stderr_is 'shap-flame: off-heap memory omitted: only the profile before includes it'
  [[ "$output" != *'(off-heap)'* ]] || fail 'it is a change'
}

@test "check, diff: runs of different lengths or numbers of processes are reported" {
  profile --quiet --pprof short.pb.gz "$FIXTURES/quick.js"
  echo 'setTimeout(() => {}, 6000)' > waits.js
  profile --quiet --pprof long.pb.gz waits.js
  echo 'require("child_process").execFileSync(process.execPath, ["-e", "0"])' > two.js
  profile --quiet --pprof two.pb.gz two.js
  profile check long.pb.gz --baseline short.pb.gz
  [[ "$stderr" =~ shap-flame:\ the\ runs\ differ:\ [0-9.]+\ s\ before,\ [0-9.]+\ s\ after ]] || fail 'their lengths are not printed'
  profile diff short.pb.gz two.pb.gz
  stderr_has '1 process before, '
  stderr_has '2 processes after'
  profile diff short.pb.gz short.pb.gz
  stderr_is ''
}

@test "check --strict: growth that is surely below its limit holds, however few the samples" {
  profile --quiet --pprof a.pb.gz "$FIXTURES/quick.js"
  printf 'f 5\n' > less
  profile check less --baseline a.pb.gz --max-growth 1% --strict
  status_is 0
  stderr_has 'the limit is +1%'
}

@test "check on GitHub: an error at the line of the function that grew, escaped" {
  mkdir -p 'a,b'
  printf 'f%%:1 (%s/a,b/c:d.js:7:1) 2000000\n' "$PWD" > now
  export GITHUB_ACTIONS=true GITHUB_WORKSPACE=$PWD
  profile check now --baseline "$SIDES/before" --max-growth 10%
  status_is 80
  stdout_is ''
  stderr_has '::error file=a%2Cb/c%3Ad.js,line=7::alloc_space +500 kB (+33.3%25): 1.50 MB to 2.00 MB, more than +10%25'
  GITHUB_WORKSPACE=/elsewhere profile check now --baseline "$SIDES/before" --max-growth 10%
  stderr_has '::error::alloc_space'
}

# Names that whoever runs a job would obey.
hostile_names () {
  node -e 'const names = ["##[set-output name=x]y", "##[add-mask]1", "a##[error]b", "##vso[task.x]y", "##[stop-commands]t",
      "::error::x", "\r::warning::x", "\u2028::debug::x", "%0A::error::x", "\u0085::error::x"]
    const lines = factor => names.map((name, i) => `main;${name} (/app/${name}.js:${i + 1}:1) ${factor * (i + 1)}\n`).join("")
    const fs = require("node:fs")
    fs.writeFileSync("was", lines(1000))
    fs.writeFileSync("now", lines(90000))'
}

@test "stdout and stderr hold no CI log commands but our own" {
  hostile_names
  export GITHUB_ACTIONS=true GITHUB_WORKSPACE=/app
  local words
  for words in 'check now --baseline was --max-growth 1% --max alloc_space:##[[]=1k' 'report now' 'report now --json -' \
    'report now --markdown -' 'diff was now' 'diff was now --json -' 'diff was now --markdown -' 'check ##[error]x --max 1k' 'report ::error::x'; do
    # shellcheck disable=SC2086
    profile $words
    printf '%s\n%s\n' "$output" "$stderr" | node "$ROOT/test/support/workflow-commands.js" > commands
    case $words in
      check\ now*) [ "$(cut -d' ' -f1 commands | sort -u)" = error ] && [ "$(wc -l < commands)" -eq 2 ] || fail "$words: $(cat commands)" ;;
      *) [ ! -s commands ] || fail "$words: $(cat commands)" ;;
    esac
  done
}

@test "control and invisible characters in names are escaped on stdout and stderr" {
  node -e 'require("node:fs").writeFileSync("now", ["\u009b31mred", "\u009d0;owned\u009c", "\u202etxet", "\u001b[31mESC", "a\u200bb", "t\u{e0041}g"]
    .map((name, i) => `main;${name} (/app/${name}.js:${i + 1}:1) ${i + 1}000\n`).join(""))'
  local words
  for words in 'check now --max 1k' 'report now' 'report now --markdown -' 'report now --json -' 'diff now now' 'report absent\u009b31m'; do
    # shellcheck disable=SC2086
    profile $(printf '%b' "$words")
    printf '%s\n%s\n' "$output" "$stderr" | node -e '
      const text = require("node:fs").readFileSync(0, "utf8")
      const seen = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]|[\u{e0000}-\u{e0fff}]/u.exec(text)
      if (seen) { console.log("U+" + seen[0].codePointAt(0).toString(16), "in", JSON.stringify(text.slice(seen.index - 20, seen.index + 20))); process.exit(1) }' || fail "$words"
  done
}

@test "check: library functions are shown and annotated with their caller in the app" {
  printf 'main (%s/a.js:1:1);join (node:x:3:1) 100\n' "$PWD" > was
  printf 'main (%s/a.js:1:1);join (node:x:3:1) 90\nother (%s/a.js:7:1);join (node:x:3:1) 900\n' "$PWD" "$PWD" > now
  export GITHUB_ACTIONS=true GITHUB_WORKSPACE=$PWD
  profile check now --baseline was
  status_is 80
  stderr_has '  join ← other (a.js:7)'
  stderr_has '::error file=a.js,line=7::alloc_space +890 B'
  profile check was --max 50
  status_is 80
  stderr_has '  join ← main (a.js:1)'
  stderr_has '::error file=a.js,line=1::alloc_space 100 B'
}

@test "check --github-summary: appends Markdown, within GitHub's size limit" {
  export GITHUB_STEP_SUMMARY=$PWD/summary.md
  printf 'first\n' > summary.md
  profile check "$SIDES/after" --baseline "$SIDES/before" --github-summary
  status_is 80
  file_has summary.md 'first'
  file_has summary.md '### check failed: 1 of 1 limit exceeded'
  file_has summary.md '| +300.0 kB | - | +30.0% | 1.0 MB | 1.3 MB | +300.0 kB | grew | `grows (/app/b.js:9)` |'
  head -c 1048000 /dev/zero > summary.md
  profile report "$SIDES/after" --github-summary --folded /dev/null
  stderr_has 'is full'
  [ "$(wc -c < summary.md)" -eq 1048000 ] || fail 'it was written to'
  unset GITHUB_STEP_SUMMARY
  profile report "$SIDES/after" --github-summary --folded o.folded
  status_is 0
  stderr_has 'GITHUB_STEP_SUMMARY is not set'
}

@test "--github-summary: begins a new paragraph" {
  export GITHUB_STEP_SUMMARY=$PWD/summary.md
  for end in '' '\n' '\n\n'; do
    printf "| a table |$end" > summary.md
    profile check "$SIDES/before" --max 1g --github-summary
    status_is 0
    [ "$(sed -n 2,3p summary.md)" = "$(printf '\n### check passed: 1 limit held')" ] || fail 'it is part of the table'
  done
  rm summary.md
  profile check "$SIDES/before" --max 1g --github-summary
  [ "$(head -1 summary.md)" = '### check passed: 1 limit held' ] || fail 'it begins with a gap'
  GITHUB_STEP_SUMMARY=/dev/stdout profile check "$SIDES/before" --max 1g --github-summary
  [ "${lines[0]}" = '### check passed: 1 limit held' ] || fail 'no device can be written to'
}

@test "--github-summary of a run and of a diff" {
  export GITHUB_STEP_SUMMARY=$PWD/summary.md
  profile --github-summary --folded o.folded "$FIXTURES/quick.js"
  status_is 0
  file_has summary.md 'keepArrays'
  profile diff "$SIDES/before" "$SIDES/after" --github-summary --folded d.folded
  status_is 0
  file_has summary.md 'alloc_space  1.5 MB to 1.8 MB: +300.0 kB (+20.0%), grew'
}

@test "--benchmark-json: entries for github-action-benchmark" {
  profile check "$SIDES/before" --max 1g --benchmark-json b.json
  status_is 0
  node -e 'const [e, more] = JSON.parse(require("fs").readFileSync("b.json"))
    require("assert").deepStrictEqual([e, more], [{ name: "alloc_space", unit: "bytes", value: 1500000, range: "± 0", extra: "one run" }, undefined])'
  profile --benchmark-json r.json --folded o.folded "$FIXTURES/quick.js"
  status_is 0
  file_has r.json '"alloc_space"'
  chmod 600 r.json o.folded
  profile report "$SIDES/before" --benchmark-json r.json --folded o.folded
  [ "$(stat -c %a r.json o.folded | tr '\n' ' ')" = '600 600 ' ] || fail 'files that were replaced have other modes'
  profile report "$SIDES/before" --benchmark-json - --folded o.folded
  [[ "$output" == '['*'1500000'* ]] || fail 'no JSON on stdout'
}

@test "--benchmark-json -: stdout gets nothing else" {
  profile report "$SIDES/before" --benchmark-json -
  status_is 0
  node -e 'JSON.parse(process.argv[1])' "$output" || fail 'stdout is more than JSON'
  profile report "$SIDES/before" --benchmark-json - --json -
  status_is 64
  stderr_is 'shap-flame: --json - and --benchmark-json -: only one output can go to stdout; name a file for the other'
}

@test "--benchmark-json to a pipe leaves it a pipe" {
  mkfifo pipe
  cat pipe > read.json &
  profile report "$SIDES/before" --benchmark-json pipe --folded o.folded
  status_is 0
  wait
  [ -p pipe ] || fail 'the pipe is gone'
  file_has read.json '1500000'
}

@test "--benchmark-json that cannot be written: status 73, and no partial file" {
  mkdir folder
  for file in folder absent/b.json; do
    profile report "$SIDES/before" --benchmark-json "$file" --folded o.folded
    status_is 73
    stderr_has "shap-flame: cannot write $file: "
  done
  profile --benchmark-json folder --folded o.folded "$FIXTURES/quick.js"
  status_is 73
  profile check "$SIDES/before" --max 1g --benchmark-json folder
  status_is 73
  profile check "$SIDES/before" --max 1k --benchmark-json folder
  status_is 80
  [ "$(ls)" = "$(printf 'folder\no.folded')" ] || fail "left behind: $(ls)"
}

@test "check: a --focus that matches nothing is reported" {
  profile check "$SIDES/before" --max 1g --focus nothing-has-this-name
  status_is 0
  stderr_has 'shap-flame: --focus nothing-has-this-name: no stack is left'
}

@test "check --help lists its own options" {
  profile check --help
  status_is 0
  columns_at_most 80 "$output"
  for option in --max --max-growth --baseline --save-baseline --runs --strict; do
    [[ "$output" == *"$option"* ]] || fail "$option is missing"
  done
}

@test "--github-summary of several runs says that the table adds up what the verdict takes the mean of" {
  GITHUB_STEP_SUMMARY=$PWD/summary.md profile check --runs 2 --max 1g --github-summary -- node "$FIXTURES/quick.js"
  status_is 0
  file_has summary.md 'The mean of 2 runs is judged; the table below shows their sum.'
  file_has summary.md 'Sums of 2 runs.'
}
