# Whatever fails, what versions name stays; what none names goes with the run that succeeds.
OWN=1
prepare() {
    git init -q
    gyre init >/dev/null
    mkdir images
    for i in 1 2 3 4; do
        seq "$i" $((i * 500)) >"images/$i.txt"
    done
    gyre add images
    git add -A
    git commit -qm one
    seq 5 900 >images/5.txt
    rm images/1.txt
    gyre add images
    git reset -q --hard
    git reflog expire --expire=now --all
    git stash clear
    git gc -q --prune=now
    gyre checkout --force
    sha256sum images/* >sums
}
act() {
    gyre gc --grace 0
}
verify() {
    sha256sum --quiet -c sums
    gyre verify --deep
    [ "$STATUS" = 0 ] || gyre gc --grace 0
    gyre verify --deep
    gyre gc --grace 0 --json | grep -q '"dropped":0'
    rm -r images
    gyre checkout
    sha256sum --quiet -c sums
}
