# The repaired table, the page and the findings in the ledger: each whole or not there.
prepare() {
    project
    flowers 90
}
act() {
    gyre audit flowers.csv --fix better.csv --report page.html
}
