load helper

# Generated line 1 is line 6 of the source.
MAPPINGS='"names":[],"mappings":"AAKA"'

map () {
  printf '{"version":3,"sources":["%s"],%s%s}' "${1:-../src/app.ts}" "${2:+$2,}" "$MAPPINGS"
}

# dist/app.js with a last line, and a profile in which its function allocated.
app () {
  mkdir -p dist
  printf 'function f () {}\n%s\n' "$1" > dist/app.js
  printf 'f (%s/dist/app.js:1:11) 64\n' "$PWD" > in.folded
}

generated () {
  stdout_is "f ($PWD/dist/app.js:1:11) 64"
}

maps_to () {
  profile report in.folded --folded -
  status_is 0
  [ -z "$stderr" ] || fail 'stderr is not empty'
  stdout_is "f ($1:6:1) 64"
}

@test "source maps: beside the file" {
  app '//# sourceMappingURL=app.js.map'
  map > dist/app.js.map
  maps_to "$PWD/src/app.ts"
}

@test "source maps: in another folder, named with a space" {
  app '//# sourceMappingURL=../my%20maps/app.js.map'
  mkdir 'my maps'
  map > 'my maps/app.js.map'
  maps_to "$PWD/src/app.ts"
}

@test "source maps: beside the file without a comment" {
  app '// no comment'
  map > dist/app.js.map
  maps_to "$PWD/src/app.ts"
}

@test "source maps: inline as base64" {
  app "//# sourceMappingURL=data:application/json;charset=utf-8;base64,$(map | base64 -w0)"
  maps_to "$PWD/src/app.ts"
}

@test "source maps: inline as plain text" {
  app "/*# sourceMappingURL=data:application/json,$(map | sed 's/{/%7B/;s/"/%22/g') */"
  maps_to "$PWD/src/app.ts"
}

@test "source maps: an inline map that is longer than what is read at first" {
  app "//# sourceMappingURL=data:application/json;base64,$(map ../src/app.ts "\"x\":\"$(head -c 9000 /dev/zero | tr '\0' x)\"" | base64 -w0)"
  maps_to "$PWD/src/app.ts"
}

@test "source maps: the last comment counts, and a text that looks like one does not" {
  app "$(printf 'const url = "//# sourceMappingURL=" + name\n//# sourceMappingURL=absent.map\n//# sourceMappingURL=app.js.map')"
  map > dist/app.js.map
  maps_to "$PWD/src/app.ts"
  app 'const text = "//# sourceMappingURL=${name}"'
  rm dist/app.js.map
  profile report in.folded --folded -
  [ -z "$stderr" ] || fail 'stderr is not empty'
  generated
}

@test "source maps: a sourceRoot" {
  app '//# sourceMappingURL=app.js.map'
  map app.ts '"sourceRoot":"/code/src/"' > dist/app.js.map
  maps_to /code/src/app.ts
}

@test "source maps: sections" {
  app '//# sourceMappingURL=app.js.map'
  printf '{"version":3,"sections":[{"offset":{"line":0,"column":0},"map":%s}]}' "$(map)" > dist/app.js.map
  maps_to "$PWD/src/app.ts"
}

@test "source maps: a file: URL as source, and a frame with one" {
  app '//# sourceMappingURL=app.js.map'
  map file:///code/my%20src/app.ts > dist/app.js.map
  maps_to '/code/my src/app.ts'
  printf 'f (file://%s/dist/app.js:1:11) 64\n' "$PWD" > in.folded
  maps_to '/code/my src/app.ts'
}

@test "source maps: webpack's sources become paths" {
  app '//# sourceMappingURL=app.js.map'
  map 'webpack://shop/./src/app.ts?a1b2' > dist/app.js.map
  maps_to src/app.ts
  mkdir src
  : > src/app.ts
  maps_to "$PWD/src/app.ts"
  map 'webpack:///./src/app.ts' > dist/app.js.map
  maps_to "$PWD/src/app.ts"
}

@test "source maps: a package's own, and one that it does not ship" {
  mkdir -p node_modules/p/dist
  printf 'function f () {}\n//# sourceMappingURL=p.js.map\n' > node_modules/p/dist/p.js
  printf 'f (%s/node_modules/p/dist/p.js:1:11) 64\n' "$PWD" > in.folded
  profile report in.folded --folded -
  [ -z "$stderr" ] || fail 'stderr is not empty'
  stdout_is "f ($PWD/node_modules/p/dist/p.js:1:11) 64"
  map ../src/p.ts > node_modules/p/dist/p.js.map
  maps_to "$PWD/node_modules/p/src/p.ts"
}

@test "--source-maps: by the end of the path, of another machine's build" {
  mkdir -p maps/dist/lib
  map ../../src/lib/index.ts > maps/dist/lib/index.js.map
  printf 'f (/srv/shop/dist/lib/index.js:1:11) 64\n' > in.folded
  profile report in.folded --folded - --source-maps maps
  status_is 0
  stdout_is 'f (/srv/shop/src/lib/index.ts:6:1) 64'
  mkdir -p src/lib
  : > src/lib/index.ts
  mv maps/dist dist
  profile report in.folded --folded - --source-maps .
  stdout_is "f ($PWD/src/lib/index.ts:6:1) 64"
}

@test "--source-maps: of a program that ran on Windows" {
  mkdir -p maps/dist
  map > maps/dist/app.js.map
  for file in 'C:\srv\dist\app.js' C:/srv/dist/app.js file:///C:/srv/dist/app.js; do
    printf 'f (%s:1:11) 64\n' "$file" > in.folded
    profile report in.folded --folded - --source-maps maps
    status_is 0
    stdout_is 'f (C:/srv/src/app.ts:6:1) 64'
    profile report in.folded --folded -
    [ -z "$stderr" ] || fail 'stderr is not empty'
    [[ "$output" == *app.js:1:11* ]] || fail 'mapped without a folder of maps'
  done
}

@test "--source-maps: by the file's name alone, and through the file there" {
  mkdir maps
  printf 'f (/srv/dist/app.js:1:11) 64\n' > in.folded
  map > maps/app.js.map
  profile report in.folded --folded - --source-maps maps
  stdout_is 'f (/srv/src/app.ts:6:1) 64'
  rm maps/app.js.map
  printf 'function f () {}\n//# sourceMappingURL=data:application/json;base64,%s\n' "$(map | base64 -w0)" > maps/app.js
  profile report in.folded --folded - --source-maps maps
  stdout_is 'f (/srv/src/app.ts:6:1) 64'
}

@test "--source-maps: one map for two files is of neither" {
  mkdir maps
  map > maps/index.js.map
  printf 'f (/srv/a/index.js:1:11) 64\ng (/srv/b/index.js:1:11) 32\n' > in.folded
  profile report in.folded --folded - --source-maps maps
  status_is 0
  stderr_is "shap-flame: $PWD/maps/index.js.map may belong to /srv/a/index.js or to /srv/b/index.js: not used"
  [[ "$output" == *'(/srv/a/index.js:1:11) 64'* ]] || fail 'the generated position is gone'
}

@test "--source-maps: a file of a package is not the app's" {
  mkdir maps
  map > maps/index.js.map
  printf 'f (/srv/node_modules/p/index.js:1:11) 64\n' > in.folded
  profile report in.folded --folded - --source-maps maps
  stdout_is 'f (/srv/node_modules/p/index.js:1:11) 64'
}

@test "--source-maps: positions that are mapped already stay" {
  mkdir maps
  map ../src/app.js > maps/app.js.map
  printf 'f (/srv/src/app.js:6:1) 64\n' > in.folded
  profile report in.folded --folded - --source-maps maps
  stdout_is 'f (/srv/src/app.js:6:1) 64'
}

@test "--source-maps: a folder that is not there, status 66, before anything runs" {
  app x
  profile report in.folded --source-maps absent
  status_is 66
  stderr_is 'shap-flame: --source-maps absent: no such folder'
  profile --source-maps absent "$FIXTURES/quick.js"
  status_is 66
  stdout_is ''
}

@test "--no-source-maps: positions stay" {
  app '//# sourceMappingURL=app.js.map'
  map > dist/app.js.map
  profile report in.folded --folded - --no-source-maps
  generated
  SHAP_FLAME_NO_SOURCE_MAPS=1 profile report in.folded --folded -
  generated
}

# A map that cannot be used: one line, the generated position.
refused () {
  profile report in.folded --folded -
  status_is 0
  generated
  stderr_is "shap-flame: $PWD/dist/app.js: $1"
}

@test "source maps: one that is missing" {
  app '//# sourceMappingURL=app.js.map'
  refused 'its source map app.js.map is missing'
}

@test "source maps: one that is no JSON, cut short, or no map" {
  app '//# sourceMappingURL=app.js.map'
  map | head -c 40 > dist/app.js.map
  refused 'its source map is not valid JSON'
  : > dist/app.js.map
  refused 'its source map is not valid JSON'
  echo '[]' > dist/app.js.map
  refused 'its source map is not an object'
  echo '{"version":3,"sources":[]}' > dist/app.js.map
  refused 'its source map has no mappings or no sources'
}

@test "source maps: one of another version" {
  app '//# sourceMappingURL=app.js.map'
  map | sed 's/"version":3/"version":2/' > dist/app.js.map
  refused 'its source map has version 2; only 3 is supported'
}

@test "source maps: one on the web is not fetched" {
  app '//# sourceMappingURL=http://127.0.0.1:9/app.js.map'
  refused 'its source map is a web address, which is not fetched'
}

@test "source maps: a folder or a pipe in a map's place is not read" {
  app '//# sourceMappingURL=app.js.map'
  mkdir dist/app.js.map
  refused 'its source map app.js.map is missing'
  rmdir dist/app.js.map
  mkfifo dist/app.js.map
  refused 'its source map app.js.map is missing'
}

@test "source maps: mappings to a source that is not in the map stay generated" {
  app '//# sourceMappingURL=app.js.map'
  map | sed 's/AAKA/AEKA/' > dist/app.js.map
  profile report in.folded --folded -
  status_is 0
  [ -z "$stderr" ] || fail 'stderr is not empty'
  generated
  map | sed 's/"\.\.\/src\/app.ts"/null/' > dist/app.js.map
  profile report in.folded --folded -
  generated
}

@test "source maps: nonsense as mappings" {
  app '//# sourceMappingURL=app.js.map'
  map | sed 's/AAKA/!!!§;,,;/' > dist/app.js.map
  refused 'its source map cannot be decoded'
  printf '{"version":3,"sections":[{"offset":{"line":0,"column":0},"map":{}}]}' > dist/app.js.map
  refused 'its source map has no mappings or no sources'
  map | sed 's/AAKA/AAKAAAAAAAAA,g,ggggggggggggg/' > dist/app.js.map
  profile report in.folded --folded -
  status_is 0
}

@test "source maps: a # and a % in a folder's name are no parts of an address" {
  mkdir -p 'C# 100%25/dist' 'C# 100%25/src'
  cd 'C# 100%25' || return 1
  app '//# sourceMappingURL=app.js.map'
  map > dist/app.js.map
  maps_to "$PWD/src/app.ts"
  : > src/app.ts
  maps_to "$PWD/src/app.ts"
  map 'lib#1.ts' '"sourceRoot":"../src"' > dist/app.js.map
  maps_to "$PWD/src/lib#1.ts"
}

@test "source maps: a byte order mark, and the line that keeps a map from being run" {
  app '//# sourceMappingURL=app.js.map'
  (printf '\xef\xbb\xbf'; map) > dist/app.js.map
  maps_to "$PWD/src/app.ts"
  (printf ")]}'\n"; map) > dist/app.js.map
  maps_to "$PWD/src/app.ts"
  (printf "\xef\xbb\xbf)]}'\n"; printf '{"version":3,"sections":[{"offset":{"line":0,"column":0},"map":%s}]}' "$(map)") > dist/app.js.map
  maps_to "$PWD/src/app.ts"
}

@test "source maps: backslashes of Windows are slashes" {
  app '//# sourceMappingURL=app.js.map'
  map '..\\src\\app.ts' > dist/app.js.map
  grep -qF '..\\src\\app.ts' dist/app.js.map || fail 'the map has no backslashes'
  maps_to "$PWD/src/app.ts"
  map app.ts '"sourceRoot":"..\\src\\"' > dist/app.js.map
  maps_to "$PWD/src/app.ts"
  map 'C:\\proj\\src\\app.ts' > dist/app.js.map
  maps_to C:/proj/src/app.ts
}

@test "source maps: inline, with parameters of many kinds" {
  local parameters
  for parameters in '' ';charset=utf-8' ';charset=UTF-8;version=3' ';version=3; charset=utf8'; do
    app "//# sourceMappingURL=data:application/json$(tr -d ' ' <<< "$parameters");base64,$(map | base64 -w0)"
    maps_to "$PWD/src/app.ts"
  done
  app "//# sourceMappingURL=data:application/json;charset=utf-16le;base64,$(map | iconv -t utf-16le | base64 -w0)"
  maps_to "$PWD/src/app.ts"
  app "//# sourceMappingURL=data:application/json;base64,$( (printf '\xef\xbb\xbf'; map) | base64 -w0 | sed 's/=/%3D/g')"
  maps_to "$PWD/src/app.ts"
}

@test "source maps: a query after a map's name and after a file: URL" {
  app '//# sourceMappingURL=app.js.map?v=1'
  map > dist/app.js.map
  maps_to "$PWD/src/app.ts"
  app "//# sourceMappingURL=file://$PWD/dist/app.js.map?v=1#x"
  maps_to "$PWD/src/app.ts"
  map "file://$PWD/src/app.ts?vue&type=script#x" > dist/app.js.map
  maps_to "$PWD/src/app.ts"
  printf 'f (file://%s/dist/app.js?v=1#x:1:11) 64\n' "$PWD" > in.folded
  maps_to "$PWD/src/app.ts"
}

@test "source maps: the sources of a package belong to the package" {
  local folder="$PWD/node_modules/@s/dep"
  mkdir -p node_modules/@s/dep/dist
  printf 'function f () {}\n//# sourceMappingURL=index.js.map\n' > node_modules/@s/dep/dist/index.js
  printf 'main (%s/app.js:1:1);f (%s/dist/index.js:1:11) 64\n' "$PWD" "$folder" > in.folded
  for source in webpack://dep/./src/hoard.ts webpack://dep/../../src/hoard.ts ../../../../src/hoard.ts "$PWD/src/hoard.ts" "file://$PWD/src/hoard.ts"; do
    map "$source" > node_modules/@s/dep/dist/index.js.map
    profile report in.folded --folded - --group package
    status_is 0
    stdout_is '(app);@s/dep (node_modules/@s/dep) 64'
    profile report in.folded --folded -
    stdout_is "main ($PWD/app.js:1:1);f ($folder/src/hoard.ts:6:1) 64"
  done
  mkdir src
  : > src/hoard.ts
  map webpack://dep/./src/hoard.ts > node_modules/@s/dep/dist/index.js.map
  profile report in.folded --folded - --group package
  stdout_is '(app);@s/dep (node_modules/@s/dep) 64'
  map /build/dep/src/hoard.ts > node_modules/@s/dep/dist/index.js.map
  profile report in.folded --folded - --group package
  stdout_is '(app);@s/dep (node_modules/@s/dep) 64'
}

# 60 MB of mappings take gigabytes when they are decoded.
@test "source maps: one that needs too much memory changes neither status nor outputs" {
  printf 'const kept = []\nfunction keep () { for (let i = 0; i < 2000; i++) kept.push(new Array(200).fill(i)) }\nkeep()\nprocess.exitCode = 7\n//# sourceMappingURL=app.js.map\n' > app.js
  printf 'exports.more = () => new Array(20000).fill(1)\n//# sourceMappingURL=lib.js.map\n' > lib.js
  (printf '{"version":3,"sources":["app.ts"],"names":[],"mappings":"'; head -c 60000000 /dev/zero | tr '\0' ';'; printf '"}') > app.js.map
  NODE_OPTIONS=--max-old-space-size=300 profile --interval 4k --folded a.folded --pprof a.pb.gz app.js
  status_is 7
  stderr_lines 2
  stderr_has "$PWD/app.js: its source map needs more than" || stderr_has 'reading source maps took longer than 5 s: 1 file keeps its generated positions'
  file_has a.folded "keep ($PWD/app.js:2:15)"
  [ -s a.pb.gz ] || fail 'the profile is lost'
}

@test "source maps: sections that are far apart take no memory" {
  app '//# sourceMappingURL=app.js.map'
  printf '{"version":3,"sections":[{"offset":{"line":0,"column":0},"map":%s},{"offset":{"line":4000000000,"column":0},"map":%s}]}' "$(map)" "$(map)" > dist/app.js.map
  refused 'its source map cannot be decoded'
}

@test "source maps: a module that is imported with queries is one function" {
  printf 'export function keep () { return Array.from({ length: 20000 }, (_, i) => new Array(10).fill(i)) }\n' > lib.mjs
  printf 'const kept = []\nfor (const to of ["?v=1", "?v=2", "#frag"]) kept.push((await import(`./lib.mjs${to}`)).keep())\nglobalThis.kept = kept\n' > main.mjs
  profile --interval 4k --folded - main.mjs
  status_is 0
  [[ "$output" == *"keep ($PWD/lib.mjs:1:22)"* ]] || fail 'the function is missing'
  [[ "$output" != *'lib.mjs?'* && "$output" != *'lib.mjs#'* ]] || fail 'a query parts the function'
  printf '//# sourceMappingURL=lib.mjs.map\n' >> lib.mjs
  map src/lib.ts > lib.mjs.map
  profile --interval 4k --folded - main.mjs
  [[ "$output" == *"keep ($PWD/src/lib.ts:6:1)"* ]] || fail 'its map is not found'
}

# A program elsewhere on this machine, and a profile of it here.
elsewhere () {
  mkdir -p "$BATS_TEST_TMPDIR/srv/dist" "$BATS_TEST_TMPDIR/srv/src"
  local here=$PWD
  cd "$BATS_TEST_TMPDIR/srv" || exit 1
  app '//# sourceMappingURL=app.js.map'
  map > dist/app.js.map
  printf '\n\n\n\n\nfunction f(): void {} // secret\n' > src/app.ts
  mv in.folded "$here"
  cd "$here" || exit 1
}

@test "files that a profile names are read only below its folder, the working folder and --source-root" {
  elsewhere
  local srv="$BATS_TEST_TMPDIR/srv"
  profile report in.folded --listing - --source-lines 1
  status_is 0
  [[ "$output" == *dist/app.js:1:11* && "$output" != *secret* ]] || fail 'a file elsewhere was read'
  stderr_is 'shap-flame: 1 file has a source map outside of the folders that may be read; add one with --source-root DIR'
  printf 'f (%s/src/app.ts:6:1) 64\n' "$srv" > direct.folded
  profile report direct.folded --listing - --source-lines 1
  [[ "$output" != *secret* ]] || fail 'a source elsewhere was read'
  for file in in.folded direct.folded; do
    profile report $file --listing - --source-lines 1 --source-root "$srv"
    [[ "$output" == *'app.ts:6:1'*secret* ]] || fail "--source-root: $file"
    SHAP_FLAME_SOURCE_ROOT=$srv profile report $file --listing - --source-lines 1
    [[ "$output" == *secret* ]] || fail "in the environment: $file"
    cp $file "$srv"
    profile report "$srv/$file" --listing - --source-lines 1
    [[ "$output" == *secret* ]] || fail "below the profile's folder: $file"
    rm "$srv/$file"
  done
  ln -s "$srv" link
  printf 'f (%s/link/src/app.ts:6:1) 64\n' "$PWD" > linked.folded
  profile report linked.folded --listing - --source-lines 1
  [[ "$output" != *secret* ]] || fail 'a link led out of the working folder'
}

@test "in a workspace the sources that its packages share are read" {
  mkdir -p ws/packages/app ws/node_modules/.pnpm/d/node_modules/d
  printf '{"workspaces":["packages/*"]}' > ws/package.json
  printf 'module.exports = 1 // shared\n' > ws/node_modules/.pnpm/d/node_modules/d/index.js
  printf 'f (%s/ws/node_modules/.pnpm/d/node_modules/d/index.js:1:1) 64\n' "$PWD" > ws/packages/app/in.folded
  cd ws/packages/app || return 1
  profile report in.folded --listing - --source-lines 1
  [[ "$output" == *'// shared'* ]] || fail 'the dependency was not read'
}

@test "files of /proc and /dev are never read" {
  printf 'function f(){}\n//# sourceMappingURL=/proc/self/environ\n' > x.js
  printf 'f (%s/x.js:1:1) 5\ng (/dev/zero:1:1) 5\nh (/proc/self/environ:1:1) 5\n' "$PWD" > p.folded
  printf 'const kept = []\nfunction keep () { for (let i = 0; i < 2000; i++) kept.push(new Array(200).fill(i)) }\nkeep()\n//# sourceMappingURL=/proc/self/environ\n' > app.js
  for roots in '' '--source-root /' '--source-root /proc'; do
    # shellcheck disable=SC2086
    SECRET=in-the-environment profile report p.folded $roots --listing - --source-lines 3
    status_is 0
    stderr_is "shap-flame: $PWD/x.js: its source map environ is missing"
    [[ "$output" != *in-the-environment* ]] || fail 'the environment was read'
  done
  profile --interval 4k --listing - app.js
  status_is 0
  stderr_is "shap-flame: $PWD/app.js: its source map environ is missing"
}

@test "a run reads where the app's files are" {
  elsewhere
  local srv="$BATS_TEST_TMPDIR/srv"
  printf 'const kept = []\nfunction keep () { for (let i = 0; i < 2000; i++) kept.push(new Array(200).fill(i)) }\nkeep()\n//# sourceMappingURL=app.js.map\n' > "$srv/dist/app.js"
  printf '{"version":3,"sources":["../src/app.ts"],"names":[],"mappings":"AAAA;AAKA;AACA"}' > "$srv/dist/app.js.map"
  profile --interval 4k --listing a.txt --source-lines 1 "$srv/dist/app.js"
  status_is 0
  file_has a.txt 'src/app.ts:6:1'
  file_has a.txt '// secret'
}

@test "source maps: many unusable maps are reported in four lines" {
  mkdir dist
  for i in 1 2 3 4 5 6; do
    echo '//# sourceMappingURL=gone.map' > "dist/$i.js"
    printf 'f (%s/dist/%s.js:1:11) 64\n' "$PWD" "$i" >> in.folded
  done
  profile report in.folded --folded -
  status_is 0
  stderr_lines 4
  stderr_has 'shap-flame: 3 more files have source maps that cannot be used'
}

@test "source maps: source lines come from sourcesContent where the source is on no disk" {
  app '//# sourceMappingURL=app.js.map'
  map ../src/app.ts '"sourcesContent":["1\n2\n3\n4\n5\nfunction f(): void {} // in the map\n"]' > dist/app.js.map
  profile report in.folded --listing - --source-lines 1
  [[ "$output" == *'6 │ function f(): void {} // in the map'* ]] || fail 'the line is missing'
  profile report in.folded --listing - --source-lines 1 --focus app --min 1
  [[ "$output" == *'// in the map'* ]] || fail 'a transform lost the text'
  mkdir src
  printf '\n\n\n\n\nfunction f(): void {} // on disk\n' > src/app.ts
  profile report in.folded --listing - --source-lines 1
  [[ "$output" == *'// on disk'* ]] || fail 'the file on disk was not read'
}

@test "source maps: positions that map to one place are one frame" {
  app '//# sourceMappingURL=app.js.map'
  map > dist/app.js.map
  printf 'f (%s/dist/app.js:1:12) 32\n' "$PWD" >> in.folded
  profile report in.folded --folded -
  stdout_is "f ($PWD/src/app.ts:6:1) 96"
}

@test "source maps: --focus and --group see the sources" {
  app '//# sourceMappingURL=app.js.map'
  map > dist/app.js.map
  profile report in.folded --folded - --group file --focus 'app\.ts'
  stdout_is "$PWD/src/app.ts 64"
}

@test "source maps: a difference is of sources" {
  app '//# sourceMappingURL=app.js.map'
  map > dist/app.js.map
  sed 's/64$/128/' in.folded > later.folded
  profile diff in.folded later.folded --type alloc_space
  status_is 0
  [[ "$output" == *'f (src/app.ts:6)'* ]] || fail 'the source is missing'
}

@test "source maps: a program that Node maps itself is mapped once" {
  printf 'const kept = []\nfunction keep () { for (let i = 0; i < 2000; i++) kept.push(new Array(200).fill(i)) }\nkeep()\n//# sourceMappingURL=app.js.map\n' > app.js
  printf '{"version":3,"sources":["app.ts"],"names":[],"mappings":"AAAA;AAKA;AACA"}' > app.js.map
  profile --interval 4k --folded a.folded -- node --enable-source-maps app.js
  status_is 0
  file_has a.folded "keep ($PWD/app.ts:6:1)"
}

@test "source maps: a run shows sources, and a saved profile of generated positions is mapped later" {
  printf 'const kept = []\nfunction keep () { for (let i = 0; i < 2000; i++) kept.push(new Array(200).fill(i)) }\nkeep()\n//# sourceMappingURL=app.js.map\n' > app.js
  printf '{"version":3,"sources":["src/app.ts"],"names":[],"mappings":"AAAA;AAKA;AACA"}' > app.js.map
  profile --interval 4k --folded a.folded --no-source-maps --pprof a.pb.gz app.js
  status_is 0
  file_has a.folded "keep ($PWD/app.js:2:15)"
  file_has_not a.folded app.ts
  profile report a.pb.gz --folded b.folded
  status_is 0
  file_has b.folded "keep ($PWD/src/app.ts:6:1)"
  profile --interval 4k --folded c.folded --svg c.svg app.js
  file_has c.folded 'src/app.ts:6:1)'
  file_has c.svg 'src/app.ts:6:1'
  file_has_not c.folded 'app.js'
}
