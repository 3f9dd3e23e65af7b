# What a killed command leaves below TMPDIR goes with the next one; what a living one uses stays.
project
gyre add -q images labels.csv >/dev/null 2>&1
git add -A && git commit -qm one
echo images/1.txt,b >>labels.csv
export TMPDIR=$PWD/scratch
mkdir scratch scratch/gyre-other
left=0
for n in $(seq 200); do
    { GYRE_FAULT=kill:$n gyre diff; } >/dev/null 2>&1 || :
    count=$(find scratch -mindepth 1 -maxdepth 1 -name 'gyre-scratch-??????' | wc -l)
    [ "$count" -le 1 ]
    left=$((left + count))
done
[ $left -gt 0 ]
gyre diff | head -n 1
ls scratch
python3 - <<'P' &
import fcntl, os, time
os.mkdir("scratch/gyre-scratch-inuse1")
held = os.open("scratch/gyre-scratch-inuse1", os.O_RDONLY)
fcntl.flock(held, fcntl.LOCK_EX)
open("holding", "w").close()
while not os.path.exists("enough"):
    time.sleep(0.02)
P
while [ ! -e holding ]; do sleep 0.02; done
gyre diff >/dev/null
ls scratch
touch enough
wait
gyre diff >/dev/null
ls scratch
