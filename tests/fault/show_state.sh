# What only looks says all of it or fails.
# act: status
# act: diff
# act: diff HEAD~1
# act: log
# act: show 02d36ee22aefffbb
# act: verify --deep
# act: gc --dry-run --grace 0
prepare() {
    project
    mkdir images
    for i in 1 2 3; do seq "$i" $((i * 50)) >"images/$i.txt"; done
    printf 'path,label\nimages/1.txt,a\nimages/2.txt,b\n' >labels.csv
    gyre add images labels.csv
    commit one
    sed -i s/,b/,c/ labels.csv
    gyre add labels.csv
    commit two
    sed -i s/,a/,c/ labels.csv
    echo more >images/4.txt
}
act() { gyre $ACT; }
