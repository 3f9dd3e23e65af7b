# The page is whole or as it was.
prepare() {
    project
    flowers 60
    gyre add flowers.csv
    gyre audit flowers.csv >/dev/null
    echo '{"accuracy": 0.5}' >figures.json
    cat >gyre.yaml <<'Y'
stages:
  s: {cmd: "echo '{\"accuracy\": 0.75}' >m.json", metrics: [m.json]}
gates:
  floor: {metric: accuracy, min: 0.9}
Y
    gyre run -q >/dev/null
    gyre gate -q >/dev/null || [ $? = 1 ]
    echo old >report.html
}
act() { gyre report -o report.html --data figures.json --title words; }
