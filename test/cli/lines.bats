load helper

# Whether two bytes of $1 and $2 are 4 to 1, as on lines 9 and 10 of the fixture.
four_to_one() {
  node -e '
    const [long, short] = process.argv.slice(1).map(text => Number(text.replace(/,/g, "")))
    process.exit(Math.abs(long / (long + short) - 0.8) < 0.05 ? 0 : 1)' "$1" "$2" || fail "$1 and $2 are not 4 to 1"
}

@test "--lines: the listing has the lines of a function with their bytes" {
  profile --lines --interval 4k --source-lines 2 --listing o.txt "$FIXTURES/two-lines.js"
  status_is 0
  [[ "$(cat o.txt)" =~ 'allocate ('[^$'\n']*two-lines.js:7:19\)$'\n'\ *([0-9,]+)\ +'9 │'\ +kept.0.\ =\ JSON.parse.long.[^$'\n']*$'\n'\ *([0-9,]+)\ +'10 │' ]] || fail "$(cat o.txt)"
  four_to_one "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
}

@test "--lines: Markdown names the lines with most, JSON has all of them" {
  profile --lines --interval 4k --markdown o.md --json o.json "$FIXTURES/two-lines.js"
  status_is 0
  # The loop itself, on line 8, may have a few bytes.
  [[ "$(cat o.md)" =~ allocate\ [^$'\n']*'<br>line '('8: '[0-9,]+', ')?'9: '([0-9,]+)', 10: '([0-9,]+) ]] || fail "$(cat o.md)"
  four_to_one "${BASH_REMATCH[2]}" "${BASH_REMATCH[3]}"
  node -e '
    const { functions } = JSON.parse(require("fs").readFileSync("o.json", "utf8"))
    const { self, lines } = functions.find(row => row.name === "allocate")
    const [nine, ten] = [9, 10].map(line => lines.find(row => row.line === line))
    console.log(nine.self.alloc_space, ten.self.alloc_space, lines.reduce((sum, row) => sum + row.self.alloc_space, 0) - self.alloc_space)' > lines
  local long short rest
  read -r long short rest < lines
  four_to_one "$long" "$short"
  [ "$rest" -eq 0 ] || fail "the lines have $rest bytes more than their function"
}

@test "--lines --group line: each line is a frame, in every format" {
  profile --lines --group line --interval 4k --folded o.folded --speedscope o.speedscope.json "$FIXTURES/two-lines.js"
  status_is 0
  local format
  for format in o.folded o.speedscope.json; do
    file_has "$format" two-lines.js
    grep -q 'allocate' "$format" || fail "no function in $format"
  done
  local bytes
  # shellcheck disable=SC2016
  bytes=$(node -e '
    for (const line of [9, 10]) {
      const stacks = require("fs").readFileSync("o.folded", "utf8").split("\n")
      const own = stacks.filter(stack => new RegExp(`;allocate \\([^;]*two-lines.js:${line}\\) \\d+$`).test(stack) || new RegExp(`;allocate \\([^;]*two-lines.js:${line}\\);[^;]*$`).test(stack))
      console.log(own.reduce((sum, stack) => sum + Number(stack.split(" ").at(-1)), 0))
    }')
  # shellcheck disable=SC2086
  four_to_one $bytes
}

@test "--lines where node:inspector samples: a warning, in the output too" {
  profile --lines --engine inspector --listing o.txt --json o.json "$FIXTURES/two-lines.js"
  status_is 0
  stderr_has 'shap-flame: no lines: node:inspector samples functions only'
  file_has o.txt 'lines: no lines: node:inspector samples functions only'
  file_has_not o.json '"lines":['
}

@test "without --lines no output has lines" {
  profile --interval 4k --source-lines 2 --listing o.txt --json o.json --svg o.svg "$FIXTURES/two-lines.js"
  status_is 0
  file_has_not o.json '"lines":'
  file_has_not o.svg '"lines":'
  file_has o.txt '7 │ function allocate () {'
}
