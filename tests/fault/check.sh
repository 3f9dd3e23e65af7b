# Every failing row or a failure, never a part of the rows with a verdict.
# act: profile flowers.csv
# act: profile --json flowers.csv
# act: id --rows flowers.csv
# act: check flowers.csv
# act: check --json flowers.csv
# act: schema flowers.csv
prepare() {
    project
    flowers 90
    gyre schema flowers.csv -o flowers.contract.yaml
    echo '1,x,3,fern' >>flowers.csv
}
act() { gyre $ACT; }
