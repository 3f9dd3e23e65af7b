# Two files of predictions need no project.
python3 - <<'P'
import hashlib
for name, wrong in ("old.csv", 200), ("new.csv", 100):
    with open(name, "w") as out:
        print("id,label,prediction", file=out)
        for i in range(1000):
            print(f"{hashlib.sha256(str(i).encode()).hexdigest()},{i % 2},{i % 2 if i >= wrong else 'x'}", file=out)
P
rm -rf .gyre .git
gyre gate --new new.csv --old old.csv
gyre gate --new new.csv --old old.csv --margin 0.2 || echo "status $?"
head -n 900 old.csv > short.csv
gyre gate --new new.csv --old short.csv
