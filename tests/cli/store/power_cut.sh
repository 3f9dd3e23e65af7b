# A file system of its own, whose disk is copied right after status 0: what a power cut would leave.
# The copy, mounted, holds the version.
image=$PWD/disk
truncate -s 64M disk
mkfs.ext4 -q disk
mkdir live after
if ! mount -o loop disk live 2>/dev/null; then
    echo "loop devices cannot be mounted here" >&2
    exit 77
fi
trap 'cd "${image%/*}"; umount after 2>/dev/null || :; umount live 2>/dev/null || :' EXIT
for round in 1 2 3 4 5; do
    mkdir -p "live/p$round"
    cd "live/p$round"
    gyre init >/dev/null
    mkdir -p images
    for i in 1 2 3 4 5 6 7 8 9; do
        seq "$i" "$((i * 100 * round))" >"images/$i.txt"
    done
    seq "$((round * 60000))" >n.csv
    sync -f .
    gyre add images n.csv >/dev/null
    cp --sparse=always "$image" "$image.cut"
    sha256sum images/* n.csv >"${image%/*}/sums"
    cd "${image%/*}"
    mount -o loop disk.cut after
    cd "after/p$round"
    gyre verify --deep >/dev/null
    rm -rf images n.csv
    gyre checkout >/dev/null
    sha256sum --quiet -c "${image%/*}/sums"
    gyre add images n.csv >/dev/null
    cd "${image%/*}"
    umount after
done
