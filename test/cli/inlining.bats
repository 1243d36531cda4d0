load helper

# A function that V8 inlines once it is hot.
write_hot() {
  cat > hot.js <<'END'
const kept = []
function inner (at) { kept.push({ at, list: new Array(50).fill(0) }) }
function outer () { for (let at = 0; at < 1000; at++) inner(at) }
for (let round = 0; round < 30; round++) outer()
END
}

# The bytes of a function itself in o.json.
self_of() {
  node -p "JSON.parse(fs.readFileSync('o.json')).functions.find(row => row.name === '$1')?.self.alloc_space ?? 0"
}

@test "--no-inlining: allocations of a hot function are attributed to it" {
  write_hot
  profile --quiet --no-inlining --interval 1k --json o.json hot.js
  status_is 0
  local inner outer
  inner=$(self_of inner)
  outer=$(self_of outer)
  [ "$inner" -gt $((20 * outer)) ] || fail "inner $inner, outer $outer"
}

@test "--no-inlining holds in workers too" {
  write_hot
  echo 'const { Worker } = require("node:worker_threads"); new Worker("./hot.js")' > main.js
  profile --quiet --no-inlining --interval 1k --json o.json main.js
  status_is 0
  [ "$(self_of inner)" -gt $((20 * $(self_of outer))) ] || fail 'inner is not all of it'
}
