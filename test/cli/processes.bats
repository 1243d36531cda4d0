load helper

@test "several processes and threads: a root for each" {
  profile --folded o.folded "$FIXTURES/worker-and-child.js"
  status_is 0
  stdout_is 'done'
  grep -qE '^process [0-9]+ \(node .*worker-and-child\.js\);.*inMain \(' o.folded || fail "the main process has no root: $(< o.folded)"
  # A folded frame must not end in a number, so the space in `worker 1` is replaced there.
  grep -qE '^process [0-9]+ \(node .*worker-and-child\.js\);worker[ _]1;.*inWorker \(' o.folded || fail "the worker has no root: $(< o.folded)"
  grep -qE '^process [0-9]+ \(node .*worker-and-child\.js child\);.*inChild \(' o.folded || fail "the child has no root: $(< o.folded)"
  nothing_left
}

@test "the root of a long command keeps the script's name and arguments" {
  local long=$PWD/a-folder-with-a-rather-long-name/and-another-one
  mkdir -p "$long" other
  cp "$FIXTURES/worker-and-child.js" "$long"
  cd other
  profile --folded o.folded "$long/worker-and-child.js"
  status_is 0
  grep -qE '^process [0-9]+ \(node …/worker-and-child\.js child\);.*inChild \(' o.folded || fail "the child has no root: $(< o.folded)"
}

@test "a single process has no root frame" {
  profile --folded o.folded "$FIXTURES/quick.js"
  file_has_not o.folded 'process '
}

@test "--only-main leaves out workers and children" {
  profile --only-main --folded o.folded "$FIXTURES/worker-and-child.js"
  status_is 0
  file_has o.folded 'inMain ('
  file_has_not o.folded 'inWorker ('
  file_has_not o.folded 'inChild ('
}

@test "npm test: its command is profiled, npm itself is left out with a message" {
  printf '{"name":"x","version":"1.0.0","scripts":{"test":"node \\"%s\\" one && node \\"%s\\" two"}}' \
    "$FIXTURES/quick.js" "$FIXTURES/quick.js" > package.json
  profile --svg o.svg --folded o.folded -- npm --silent test
  status_is 0
  stdout_is $'["one"]\n["two"]'
  stderr_has 'shap-flame: not profiled: npm'
  grep -q 'quick.js one);.*keepArrays (' o.folded || fail 'the first process is missing'
  grep -q 'quick.js two);.*keepArrays (' o.folded || fail 'the second process is missing'
  file_has_not o.folded 'npm-cli'
  file_has o.svg 'npm --silent test'
}

@test "a command that starts no Node: one line, its status" {
  profile -- sh -c 'echo out; exit 4'
  status_is 4
  stdout_is 'out'
  stderr_is 'shap-flame: no profile: the command started no Node process that could be sampled'
}

@test "a capture that cannot be written is not reported as nothing sampled" {
  # The limit on a file's size is as a full disk.
  profile --folded o.folded -- sh -c "ulimit -f 0; exec node '$FIXTURES/quick.js' 1 | cat"
  status_is 65
  stdout_is '["1"]'
  stderr_has 'shap-flame: no profile: the sampled processes left no capture'
}

# A folder for captures on a file system of 48 KiB.
full () {
  mkdir -p full
  [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=48k tmpfs full 2> /dev/null || skip 'no file system can be mounted'
  run --separate-stderr env TMPDIR="$PWD/full" node "$ROOT/bin/shap-flame.js" "$@"
  umount full
}

@test "a full disk under the captures: status 65, and the missing output is reported" {
  cat > many.js <<'JS'
const make = []
for (let i = 0; i < 3000; i++) make.push(new Function(`return function aFunctionWithALongName${i} () { return new Array(1000).fill(${i}) }`)())
globalThis.kept = make.map(one => one())
JS
  full --every off --interval 2k --svg big.svg many.js
  status_is 65
  [ ! -e big.svg ] || fail 'there is an output'
  stderr_has 'shap-flame: no profile: '
  full --every off --interval 2k many.js
  status_is 65
}

@test "an output was requested but no Node ran: status 65, unless the command failed" {
  for option in --svg --benchmark-json; do
    profile $option big -- true
    status_is 65
    stderr_is 'shap-flame: no profile: the command started no Node process that could be sampled'
    profile $option big -- node --version
    status_is 65
    profile $option big -- sh -c 'exit 4'
    status_is 4
  done
  profile --svg big.svg -- sh -c 'kill -9 $$'
  status_is 137
  profile -- node --version
  status_is 0
}

@test "npm alone: a message explains why there is no profile" {
  profile -- npm --version
  status_is 0
  stderr_has 'shap-flame: no profile: the command started no Node process that could be sampled (npm is not profiled)'
}

@test "a profiled process that starts shap-flame does not profile shap-flame" {
  profile --folded outer.folded -- node "$ROOT/bin/shap-flame.js" --quiet --folded inner.folded "$FIXTURES/quick.js"
  status_is 65 # outer.folded was asked for
  file_has inner.folded 'keepArrays ('
  [ ! -e outer.folded ] || fail 'shap-flame profiled itself'
}

@test "the preload alone leaves a capture in the output folder" {
  run --separate-stderr node --require "$ROOT/lib/register.js" "$FIXTURES/quick.js"
  status_is 0
  stdout_is '[]'
  [ -z "$stderr" ] || fail 'stderr is not empty'
  [ "$(ls shap-flame/*.shfc | wc -l)" -eq 1 ] || fail 'there is not one capture'
}

@test "the preload twice, by --require and --import: one capture" {
  run --separate-stderr node --require "$ROOT/lib/register.js" --import "$ROOT/lib/register.js" "$FIXTURES/quick.js"
  status_is 0
  [ "$(ls shap-flame/*.shfc | wc -l)" -eq 1 ] || fail 'there is not one capture'
}

@test "the preload with a bad setting: one line, and the app runs" {
  SHAP_FLAME_INTERVAL=never run --separate-stderr node --require "$ROOT/lib/register.js" "$FIXTURES/quick.js"
  status_is 0
  stdout_is '[]'
  stderr_lines 1
  stderr_has "SHAP_FLAME_INTERVAL: 'never' is not a number of bytes"
}

@test "package managers are known wherever they lie" {
  local script
  for script in lib/node_modules/npm/bin/npm-cli.js lib/node_modules/npm/bin/npx-cli.js \
    lib/node_modules/yarn/bin/yarn.js project/.yarn/releases/yarn-4.5.0.cjs \
    lib/node_modules/pnpm/bin/pnpm.cjs lib/node_modules/corepack/dist/pnpm.js \
    cache/corepack/v1/pnpm/9.1.0/bin/pnpm.cjs; do
    mkdir -p "$(dirname "$script")"
    echo '0' > "$script"
    profile -- node "$script"
    status_is 0
    stderr_has 'not profiled'
  done
}

@test "scripts that are only called like a package manager are profiled" {
  mkdir -p src/npm src/bin
  for script in src/npm/index.js src/bin/yarn.js pnpm.js; do
    cp "$FIXTURES/quick.js" "$script"
    profile --folded o.folded "$script"
    file_has o.folded 'keepArrays ('
    rm o.folded
  done
}

@test "a package manager's own links are followed" {
  mkdir -p lib/node_modules/npm/bin bin
  echo '0' > lib/node_modules/npm/bin/npm-cli.js
  ln -s ../lib/node_modules/npm/bin/npm-cli.js bin/npm
  profile -- node bin/npm
  stderr_has '(npm is not profiled)'
}

@test "captures that cannot be read: a line for each, status 65 where nothing else is left" {
  profile -- sh -c 'echo nonsense > "$SHAP_FLAME_CAPTURES/1-2-0.shfc"'
  status_is 65
  stderr_lines 2
  stderr_has 'shap-flame: skipped the capture 1-2-0.shfc: '
  stderr_has 'shap-flame: no profile: no capture could be read'
  nothing_left
}

@test "workers and children with an environment and flags of their own: profiled, and they see what they were given" {
  profile --folded o.folded "$FIXTURES/empty-environments.js"
  status_is 0
  stdout_is $'true Worker\nworker {} []\nfork {} []\nspawn {"A":"1"} []\nsync {"NODE_OPTIONS":"--stack-trace-limit=5"} []\nB=2'
  local name
  for name in inWorker inFork inSpawn inSync; do
    file_has o.folded "$name ("
  done
}

@test "200 short-lived children: all are counted, few files are kept" {
  node -e "let most = 0
    setInterval(() => {
      for (const name of fs.readdirSync(process.env.TMPDIR)) if (name.startsWith('shap-flame-')) {
        try { most = Math.max(most, fs.readdirSync(path.join(process.env.TMPDIR, name)).length) } catch {}
      }
      fs.writeFileSync('most~', String(most))
      fs.renameSync('most~', 'most')
    }, 20)" &
  local watcher=$!
  profile --folded o.folded --json o.json "$FIXTURES/many-children.js" 200
  kill "$watcher"
  status_is 0
  [ "$(cat most)" -lt 100 ] || fail "$(cat most) files lay about"
  [ "$(grep -c 'inShortChild (' o.folded)" -ge 65 ] || fail 'children are missing'
  file_has o.folded 'more processes (node many-children.js);'
  # Each of 200 keeps 200 arrays of 8,000 bytes; a standard error is 4.5 MB.
  local sum
  sum=$(awk '/inShortChild \(/ { sum += $NF } END { print int(sum / 1000000) }' o.folded)
  [ "$sum" -gt 295 ] && [ "$sum" -lt 345 ] || fail "$sum MB in place of 320"
  nothing_left
}

@test "a process that outlives the main one is reported, and its capture stays readable" {
  profile --folded o.folded "$FIXTURES/detached-child.js"
  status_is 0
  stderr_has "process $(cat daemon.pid) is still running: "
  local folder
  folder=$(echo "$TMPDIR"/shap-flame-*)
  stderr_has "$folder"
  touch stop
  local i
  for i in $(seq 1200); do
    kill -0 "$(cat daemon.pid)" 2>/dev/null || break
    sleep 0.05
  done
  profile report "$folder"/*.shfc --folded later.folded
  status_is 0
  file_has later.folded 'inDaemon ('
}

@test "a process that is still writing its capture is waited for" {
  profile --folded o.folded "$FIXTURES/detached-child.js" writing
  status_is 0
  stderr_is 'shap-flame: wrote o.folded'
  file_has o.folded 'inDaemon ('
  nothing_left
}

# Ids in a namespace of their own begin with 1, which is another process's outside.
needs_namespaces () {
  unshare -pf true 2>/dev/null || skip 'unshare may make no namespace of process ids'
}

@test "a process in its own namespace that has ended is neither waited for nor called running" {
  needs_namespaces
  profile --quiet --folded o.folded -- unshare -pf node "$FIXTURES/quick.js"
  status_is 0
  stderr_is ''
  file_has o.folded 'keepArrays ('
  nothing_left
}

@test "a process in its own namespace that is killed: the checkpoint is reported as one" {
  needs_namespaces
  cat > main.sh <<'EOF'
unshare -pf node -e 'globalThis.kept = Array.from(Array(1e5), () => [1]); setTimeout(() => {}, 1e5)' &
until ls "$SHAP_FLAME_CAPTURES"/1-*.shfc; do sleep 0.05; done >/dev/null 2>&1
kill -9 $(cat /proc/$!/task/$!/children)
wait
EOF
  profile --every 0.2 --folded o.folded -- sh main.sh
  status_is 0
  stderr_has 'process 1 was killed: using its checkpoint of '
  nothing_left
}

@test "a process in its own namespace that outlives the main one is reported" {
  needs_namespaces
  profile --folded o.folded -- sh -c \
    "unshare -pf node '$FIXTURES/detached-child.js' child > /dev/null 2>&1 & while [ ! -e daemon.pid ]; do sleep 0.05; done"
  touch stop
  status_is 0
  stderr_has 'process 1 is still running: '
}

@test "the error of a failing command has no frame of shap-flame" {
  cat > fails.js <<'EOF'
const { execFileSync, execSync, spawnSync } = require('node:child_process')
const stacks = [
  () => execFileSync(process.execPath, ['-e', 'process.exit(3)']),
  () => execSync('exit 4'),
  () => { throw spawnSync('./absent').error }
].map(run => { try { run() } catch (error) { return error.stack } })
console.log(stacks.join('\n'))
EOF
  local plain
  plain=$(node fails.js)
  profile --quiet fails.js
  stdout_is "$plain"
}

@test "workers: options from a class, any environment, the class and its constructor" {
  cat > workers.js <<'EOF'
const { Worker } = require('node:worker_threads')
class Options {
  #env = { A: '1' }
  get env () { return this.#env }
  get eval () { return true }
}
class Own extends Worker {}
const own = new Own('console.log(Object.keys(process.env))', new Options())
console.log(Worker.prototype.constructor === Worker, own.constructor === Own, own instanceof Worker)
own.on('exit', () => {
  const frozen = Object.freeze({ eval: true, env: Object.freeze({ B: 2 }) })
  new Worker('console.log(process.env.B)', frozen).on('exit', () => {
    const strange = new Worker('', { eval: true, env: { NODE_OPTIONS: 5 } })
    strange.on('error', error => console.log(error.code)).on('exit', () => console.log('over'))
  })
})
EOF
  local plain
  plain=$(node workers.js)
  profile --quiet workers.js
  status_is 0
  stdout_is "$plain"
}

@test "the folder for captures is deleted while the app runs: the app ends as without shap-flame" {
  cat > empties.js <<'EOF'
const fs = require('node:fs')
const { SHAP_FLAME_CAPTURES: folder } = process.env
require('node:child_process').spawnSync(process.execPath, ['-e', '0'])
fs.rmSync(folder, { recursive: true })
setTimeout(() => { console.log('here'); process.exit(5) }, 1000)
EOF
  profile empties.js
  status_is 5
  stdout_is 'here'
  stderr_has 'shap-flame: no profile: cannot read the folder for captures: no such file or folder (ENOENT)'
  stderr_lines 2
}

@test "a worker with an environment of its own is sampled by the binaries that the environment names" {
  cp "$ROOT/build/Release/shap_sampler.node" "$ROOT/build/Release/shap_core.node" .
  [ -z "$SHAP_FLAME_BINDINGS" ] || cp "$SHAP_FLAME_BINDINGS"/*.node .
  echo 'const { Worker, isMainThread } = require("node:worker_threads")
    if (isMainThread) new Worker(__filename, { env: {} })
    globalThis.kept = Array.from({ length: 1e5 }, (_, i) => [i])
    if (!isMainThread) console.log(Object.keys(require.cache).filter(file => file.endsWith(".node")).join())' > own.js
  SHAP_FLAME_BINDINGS=$PWD profile --quiet --json o.json own.js
  status_is 0
  stdout_is "$PWD/shap_sampler.node"
}

@test "shell commands with their own environment: Node is profiled, and sees only what it was given" {
  cat > shell.js <<'JS'
const { execSync, exec, spawn } = require('node:child_process')
const [, me, name, code] = process.argv
const node = process.execPath
const kinds = { inSync () { keep() }, inQuotes () { keep() }, inExec () { keep() }, inShell () { keep() } }
function keep () {
  globalThis.kept = Array.from({ length: 3000 }, (_, i) => new Array(1000).fill(i))
}
function main () {
  const env = Object.freeze({ A: "it's", NODE_OPTIONS: '--stack-trace-limit=5' })
  process.stdout.write(execSync(`${node} ${me} inSync; env | grep -c -e SHAP -e require; echo "$NODE_OPTIONS"`, { env }))
  try {
    execSync(`"${node}" ${me} inQuotes 7`, { env: {}, stdio: 'pipe' })
  } catch (error) {
    console.log(error.message, error.status, String(error.stdout), Object.keys(error).join())
  }
  const child = exec(`${node} ${me} inExec 3`, { env }, (error, out) => {
    console.log(error.cmd, error.code, out, child.spawnargs.join())
    spawn(node, [me, 'inShell'], { shell: true, env: {}, stdio: 'inherit' }).on('exit', status => console.log(status))
  })
}
if (name) {
  kinds[name]()
  console.log(name, process.env.A, process.env.NODE_OPTIONS, Object.keys(process.env).filter(key => /SHAP/.test(key)).join())
  process.exitCode = Number(code ?? 0)
} else main()
JS
  local plain name
  plain=$(node shell.js)
  profile --quiet --folded o.folded shell.js
  status_is 0
  stdout_is "$plain"
  for name in inSync inQuotes inExec inShell; do
    grep -q "shell.js $name.*keep (" o.folded || fail "$name was not reached"
  done
}

# What a hostile or broken process leaves in the folder for captures, then it allocates.
leaving () {
  cat > leaves.js <<'JS'
const fs = require('node:fs')
const { execFileSync } = require('node:child_process')
const file = name => `${process.env.SHAP_FLAME_CAPTURES}/${name}`
const kinds = {
  pipe: () => execFileSync('mkfifo', [file('99999-1-0.shfc'), file('5.left-out'), file('99999.here'), file('99999.1.snapshot'), file('99999-1-0.1.shfc')]),
  folder: () => fs.mkdirSync(file('99999-1-0.shfc')),
  link: () => fs.symlinkSync('/dev/zero', file('99999-1-0.shfc')),
  sparse: () => fs.truncateSync(fs.openSync(file('99999-1-0.shfc'), 'w') && file('99999-1-0.shfc'), 2 ** 40),
  flood: () => { for (let i = 0; i < 3000; i++) fs.writeFileSync(file(`${4194304 + i}-1-0.shfc`), 'SHFCAP') },
  elsewhere: () => { for (let i = 0; i < 3000; i++) fs.writeFileSync(file(`${4194304 + i}.here`), 'pid:[1]') },
  note: () => fs.writeFileSync(file('9.left-out'), '\u001b[31m\n::error::x')
}
kinds[process.argv[2]]()
globalThis.kept = Array.from({ length: 3000 }, (_, i) => new Array(1000).fill(i))
process.exitCode = 5
JS
  profile --folded o.folded leaves.js "$1"
  status_is 5
  [ -s o.folded ] || fail 'no profile'
  nothing_left
}

@test "a pipe, a folder or a link in place of a capture: one line, no waiting, the profile is complete" {
  for kind in pipe folder link; do
    leaving "$kind"
    stderr_has 'shap-flame: skipped the capture 99999-1-0.shfc: it is no regular file'
  done
}

@test "a file of a terabyte in place of a capture is not read" {
  leaving sparse
  stderr_has 'shap-flame: skipped the capture 99999-1-0.shfc: not a capture'
}

@test "thousands of invalid captures: a few lines, the profile is complete" {
  leaving flood
  [ "$(grep -c 'skipped the capture ' <<< "$stderr")" -eq 5 ] || fail 'not five lines'
  stderr_has ' more captures'
  stderr_has ' captures were not read: there are too many'
}

@test "thousands of markers of other processes do not delay the end" {
  leaving elsewhere
}

@test "a folder for captures that is replaced by a link: nothing outside is read or removed" {
  mkdir other
  echo kept | tee other/77.here other/4194304-1-0.shfc > other/1.left-out
  cat > exchange.js <<'JS'
const fs = require('node:fs')
fs.rmSync(process.env.SHAP_FLAME_CAPTURES, { recursive: true })
fs.symlinkSync(require('node:path').resolve('other'), process.env.SHAP_FLAME_CAPTURES)
JS
  profile --every off --folded o.folded exchange.js
  status_is 65
  stderr_has 'no profile: cannot read the folder for captures: it was replaced'
  for file in 77.here 4194304-1-0.shfc 1.left-out; do
    [ "$(cat "other/$file")" = kept ] || fail "$file is not as it was"
  done
}

@test "a package manager's name from another process is not printed" {
  leaving note
  [[ "$stderr" != *error* ]] || fail 'it is repeated'
}

@test "a variable with our prefix is never part of a shell command" {
  cat > shell.js <<'JS'
require('node:child_process').execSync(`"${process.execPath}" -e 0`, { env: { PATH: process.env.PATH } })
JS
  run --separate-stderr env 'SHAP_FLAME_$(touch hurt)=1' 'SHAP_FLAME_X;touch hurt;=1' node "$ROOT/bin/shap-flame.js" --quiet --folded o.folded shell.js
  status_is 0
  [ ! -e hurt ] || fail 'a variable was run'
}

@test "a process that is killed while Node starts is named; others that leave no note are not" {
  mkfifo pipe
  mkdir bin
  # A program called node that is not Node, and starts it in another process.
  printf '#!/bin/sh\n"%s" "$@"\nexit 7\n' "$(command -v node)" > bin/node
  chmod +x bin/node
  cat > starts.js <<'JS'
const { spawn, spawnSync } = require('node:child_process')
const [node, script] = [process.execPath, require.resolve(`${process.env.FIXTURES}/exit-3.js`)]
// Node reads this file, a pipe that nobody writes to, before it loads a preload.
const never = ['--env-file=pipe', script, 'a b']
const child = spawn(node, never, { env: {} })
child.on('exit', (code, signal) => {
  const sync = spawnSync(node, never, { timeout: 50, killSignal: 'SIGKILL' })
  const others = [[node, '--version'], ['node', script], ['bin/node', script], ['sh', '-c', 'exit 5'], [node, script]]
  console.log(child.pid, sync.pid, signal, sync.signal, ...others.map(([file, ...args]) => spawnSync(file, args).status))
  for (const [file, ...args] of others) spawn(file, args, { env: { PATH: process.env.PATH } })
})
child.kill('SIGKILL')
JS
  FIXTURES=$FIXTURES profile --folded o.folded starts.js
  status_is 0
  local first second rest
  read -r first second rest <<< "$output"
  [ "$rest" = 'SIGKILL SIGKILL 0 3 7 5 3' ] || fail 'the processes do not end as without shap-flame'
  for pid in "$first" "$second"; do
    stderr_has "shap-flame: process $pid (node --env-file=pipe "
  done
  [ "$(grep -c 'ended before its sampling began: not in this profile' <<< "$stderr")" -eq 2 ] || fail 'others are named'
  nothing_left
}
