# A disk that is really full: the command says so by its name, with the status of a failing disk;
# every file is as before or as a run with room makes it, none is half-written, and once there is
# room, the command, simply run again, succeeds.
top=$PWD
truncate -s 24M disk
mkfs.ext4 -q -m 0 -b 4096 disk
mkdir live roomy
if ! mount -o loop disk live 2>/dev/null; then
    echo "loop devices cannot be mounted here" >&2
    exit 77
fi
trap 'cd "$top"; umount live 2>/dev/null || :' EXIT
. "$GYRE_SOURCE/tests/fault/prelude.sh"

sums() { find . \( -name .git -o -name .gyre -o -name full -o -name lost+found \) -prune -o -type f -print0 | sort -z | xargs -0r sha256sum; }
# fill KIB: leave so much room on the disk.
fill() {
    rm -f full
    head -c 64M /dev/zero >full 2>/dev/null || :
    truncate -s "-${1}K" full
    sync -f .
}
# full PREPARE WORDS...: the command in a fresh folder on the disk, with less and less in the way.
full() {
    local status seen='' room=0
    rm -rf "$top/roomy" && mkdir "$top/roomy" && cd "$top/roomy"
    "$1" >/dev/null 2>&1
    TMPDIR=$top/tmp "${@:2}" >/dev/null 2>&1
    sums | sort >"$top/after"
    cd "$top/live"
    find . -mindepth 1 -maxdepth 1 ! -name lost+found -exec rm -rf {} +
    "$1" >/dev/null 2>&1
    sums | sort >"$top/before"
    for kib in 0 4 8 12 20 40 80 160; do
        fill $kib
        status=0
        "${@:2}" >"$top/said" 2>"$top/told" || status=$?
        sums | sort >"$top/now"
        [ $status != 0 ] || break
        seen="$seen $status"
        grep -q 'No space left\|disk is full' "$top/told" || { cat "$top/told"; exit 1; }
        sort -u "$top/before" "$top/after" | comm -13 - "$top/now" | sed 's/^/neither old nor new: /'
    done
    rm -f full
    [ $status = 0 ] || "${@:2}" >/dev/null 2>"$top/told" || { cat "$top/told"; exit 1; }
    sums | sort | diff "$top/after" - || echo 'other files than with room'
    gyre verify --deep >/dev/null 2>&1 || [ ! -e .gyre ] || echo 'damaged'
    echo "$2 $3:$(echo "$seen" | tr ' ' '\n' | sort -u | tr '\n' ' ')"
}

nothing() { :; }
small() {
    project
    flowers 90
}
stored() {
    small
    gyre add flowers.csv
    commit one
    gyre audit flowers.csv
}
files() {
    project
    mkdir many
    for i in 1 2 3 4 5 6 7 8 9; do seq "$i" $((i * 2000)) >"many/$i.txt"; done
}
stage() {
    project
    echo 'stages: {a: {cmd: cat in > /dev/null, deps: [in]}}' >gyre.yaml
    echo 1 >in
}
mkdir tmp
TMPDIR=$top/tmp make_npz x.npz x 3 60,20
arrays() { cp "$top/x.npz" .; }
full files gyre add many
full small gyre audit flowers.csv --fix better.csv
full stored gyre clean flowers.csv
full stage gyre run
full nothing gyre compile "$models/mlp.onnx" -o net --target generic --name net
full arrays gyre compress "$models/mlp.onnx" -o small.onnx --calibrate x.npz
