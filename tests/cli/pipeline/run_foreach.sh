# foreach and matrix: a group by its name, one of its stages by its own, and each runs for itself.
cat > params.yaml <<'Y'
sets:
  small: {rows: 2, file: s.csv}
  big: {rows: 9, file: b.csv}
Y
cat > gyre.yaml <<'Y'
stages:
  data:
    foreach: ${sets}
    do:
      cmd: seq ${item.rows} > ${item.file}
      outs: ["${item.file}"]
  train:
    matrix:
      file: [s.csv, b.csv]
      from: [1, "2"]
    cmd: tail -n +${item.from} ${item.file} > ${key}.out
    deps: ["${item.file}"]
    outs: ["${key}.out"]
Y
gyre run --dry-run
gyre run data | sed "s/in [0-9.]* s/in N s/"
gyre run 'train@b.csv-2' | sed 's/in [0-9.]* s/in N s/'
tail -n 1 b.csv-2.out
gyre run -q >/dev/null
sed -i 's/rows: 2/rows: 3/' params.yaml # one of the group, and what needs it
gyre run --dry-run
