load helper

# A pprof with labels: 60 bytes of /a, 30 of /b, 10 of neither.
setup_file() {
  export LABELLED="$BATS_FILE_TMPDIR/labelled.pb"
  node "$FIXTURES/labelled-pprof.js" "$LABELLED"
}

@test "labels: the report has a table of each label" {
  profile report "$LABELLED"
  status_is 0
  local part
  for part in 'alloc_space by http.route' '60.00%' 'http.route: /a' '(no http.route)'; do
    [[ "$output" == *"$part"* ]] || fail "no $part in the report"
  done
}

@test "labels: --root-label and --leaf-label make frames of them" {
  profile report "$LABELLED" --folded - --root-label http.route --leaf-label tenant
  status_is 0
  stdout_is $'(no http.route);handle (/app/a.js:2);(no tenant) 10\nhttp.route: /a;handle (/app/a.js:2);tenant: x 60\nhttp.route: /b;handle (/app/a.js:2);tenant: x 10\nhttp.route: /b;handle (/app/a.js:2);tenant: y 20'
}

@test "labels: --where keeps memory with any of the values of each key" {
  profile report "$LABELLED" --folded - --where http.route=/a --where http.route=/b --where tenant=x
  status_is 0
  stdout_is 'handle (/app/a.js:2) 70'
  profile report "$LABELLED" --folded - --where http.route=
  stdout_is 'handle (/app/a.js:2) 10'
}

@test "labels: --group label:KEY sums up by its values" {
  profile report "$LABELLED" --folded - --group label:tenant
  status_is 0
  stdout_is $'(no tenant) 10\ntenant: x 70\ntenant: y 20'
}

@test "labels: an unknown label is named, with those that the profile has" {
  profile report "$LABELLED" --folded out.folded --root-label route --group label:rout --where r=1
  status_is 0
  stderr_has 'shap-flame: --root-label: the profile has no label route; it has http.route, tenant'
  stderr_has 'shap-flame: --group: the profile has no label rout; it has http.route, tenant'
  stderr_has 'shap-flame: --where r=1: no stack is left'
}

@test "labels: wrong values of the options are refused" {
  profile report "$LABELLED" --where /a
  status_is 64
  stderr_has "shap-flame: --where: '/a' is not KEY=VALUE"
  profile report "$LABELLED" --group label:
  status_is 64
  stderr_has "shap-flame: --group: '' is not the key of a label"
}

@test "labels: go tool pprof shows them, after a report and a merge" {
  profile report "$LABELLED" "$LABELLED" --pprof both.pb.gz
  status_is 0
  stderr_is $'shap-flame: the profile is the sum of 2 inputs\nshap-flame: wrote both.pb.gz'
  run --separate-stderr go tool pprof -tags both.pb.gz
  [[ "$output" == *'http.route: Total 180B of 200B'* ]] || fail "$output"
  [[ "$output" == *'120B (60.00%): /a'* ]] || fail "$output"
  run --separate-stderr go tool pprof -raw -tagfocus tenant=y both.pb.gz
  [[ "$output" == *'tenant:[y]'* ]] || fail "$output"
}

@test "labels: a difference and its limits are by label too" {
  profile check "$LABELLED" --baseline "$LABELLED" --max alloc_space:http.route=/a=50 --max-growth tenant=x=10%
  status_is 80
  stderr_has 'alloc_space of http.route=/a 60 B, as in the baseline, 10 B above the limit of 50 B'
  stderr_has 'alloc_space of tenant=x 0 B (0.0%): 70 B to 70 B, the limit is +10%'
}

@test "labels: --older-than takes an age, and only memory in use" {
  profile report "$LABELLED" --older-than 1d
  status_is 64
  stderr_has "shap-flame: --older-than: '1d' is not an age, such as 90, 60s, 2m or 1h"
  profile report "$LABELLED" --older-than 2m --type alloc_space
  status_is 64
  stderr_has 'shap-flame: --older-than keeps only memory in use, which has no alloc_space: use --type inuse_space or inuse_objects'
  profile report "$LABELLED" --older-than 2m --folded out.folded
  status_is 0
  stderr_has 'shap-flame: --older-than: the profile does not know when memory in use was allocated'
  stderr_has 'shap-flame: --older-than 120s: no stack is left'
}

@test "labels: --label takes several sources, in one word or in several, and from the environment" {
  local source
  for source in '--label http,worker' '--label http --label worker'; do
    # shellcheck disable=SC2086
    profile --quiet $source --folded - --root-label worker -- node -e 'globalThis.kept = Array.from({ length: 4e4 }, () => ({}))'
    status_is 0
    [[ "$output" == 'worker: main;'* || "$output" == *$'\nworker: main;'* ]] || fail "no worker: main"
  done
  SHAP_FLAME_LABEL=http,worker profile --quiet --folded - --root-label worker -- node -e 'globalThis.kept = Array.from({ length: 4e4 }, () => ({}))'
  [[ "$output" == *'worker: main;'* ]] || fail "no worker: main"
}

@test "labels: a source that there is not is refused" {
  profile --label http,route app.js
  status_is 64
  stderr_is "shap-flame: --label: 'route' is not one of http, test, worker, trace"
}
