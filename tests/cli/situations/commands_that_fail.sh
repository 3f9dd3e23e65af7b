# A stage's command fails, is missing, is killed: its status is told, nothing is recorded, and whatever
# it left, the next run begins anew.
project
stage() { printf 'stages:\n  s: {cmd: "%s", deps: [labels.csv], outs: [x]}\n' "$1" >gyre.yaml; }
stage 'cp labels.csv x'
gyre run -q >/dev/null
cp gyre.lock lock
for command in 'exit 3' 'no-such-command labels.csv' './labels.csv' 'kill -9 $$' 'kill -SEGV $$' 'echo half >x; exit 1' \
    'true' 'mkdir x; touch x/1; exit 9'; do
    stage "$command"
    echo "=== $command"
    try gyre run
    cmp lock gyre.lock
    [ -f x ] && cat x
done
stage 'cp labels.csv x'
gyre run -q >/dev/null
cmp x labels.csv
