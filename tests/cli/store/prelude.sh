# A project in git with a folder of four small files and a table that names them.
project() {
    git init -q -b master
    git config user.name somebody
    git config user.email somebody@example.org
    gyre init >/dev/null
    mkdir -p images/cat images/dog
    echo one >images/cat/1.txt
    echo two >images/cat/2.txt
    echo three >images/dog/3.txt
    echo four >images/dog/4.txt
    cat >labels.csv <<'END'
path,label
images/cat/1.txt,cat
images/cat/2.txt,cat
images/dog/3.txt,dog
images/dog/4.txt,dog
END
}

commit() {
    GIT_AUTHOR_DATE="2026-01-0$1T12:00:00Z" git commit -q -m "version $1"
}

# Turn one bit in the middle of each pack; its times stay as they were.
flip_bits() {
    for pack in .gyre/packs/*.pack; do
        touch -r "$pack" times
        chmod u+w "$pack"
        python3 - "$pack" "$1" <<'END'
import sys
path, share = sys.argv[1], float(sys.argv[2])
data = bytearray(open(path, "rb").read())
data[16 + int((len(data) - 17) * share)] ^= 4
open(path, "wb").write(data)
END
        touch -r times "$pack"
        rm times
    done
}
