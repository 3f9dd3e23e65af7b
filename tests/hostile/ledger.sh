# What verify does not see, changes no answer.
# file: .gyre/ledger.db
# names: ledger
prepare() {
    project
    flowers 30
    gyre add flowers.csv
    commit one
    gyre audit flowers.csv >/dev/null
    gyre id --rows flowers.csv | sed -n 10p >id
}
act() {
    [ -s .gyre/ledger.db ] || exit 1 # as a killed command leaves it: a new one is begun there
    gyre verify --deep
    gyre show "$(cat id)" >/dev/null
}
same() { gyre show --json "$(cat id)"; }
