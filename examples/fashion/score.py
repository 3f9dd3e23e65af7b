#!/usr/bin/env python3
"""Hold what the tutorial found against the truth kept aside; print the table, write report.json.

score.py OUT
"""

import csv
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np


def lines(path):
    return [json.loads(line) for line in open(path, encoding="utf-8") if line.strip()]


def ratio(part, whole):
    return round(len(part) / len(whole), 4) if whole else None


def labels_found(truth, findings, given):
    """Of the rows called wrong, how many are; of the wrong ones, how many are called so. A foreign image has no right label."""
    called = {f["path"] for f in findings if f["kind"] == "label"}
    wrong = {p for p, row in truth.items() if not row["kind"].startswith(("broken", "foreign")) and given[p] != row["label"]}
    foreign = {p for p, row in truth.items() if row["kind"] == "foreign"}
    return {"label_precision": ratio(called & (wrong | foreign), called), "label_recall": ratio(called & wrong, wrong)}


def duplicates_found(truth, findings):
    called = {f["path"] for f in findings if f["kind"] == "duplicate"}
    planted = {p: row["copy_of"] for p, row in truth.items() if row["copy_of"]}
    either = set(planted) | set(planted.values())
    return {"duplicate_precision": ratio(called & either, called),
            "duplicate_recall": ratio({p for p, source in planted.items() if p in called or source in called}, planted)}


def foreign_found(truth, findings):
    called = {f["path"] for f in findings if f["kind"] == "outlier"}
    foreign = {p for p, row in truth.items() if row["kind"] == "foreign"}
    return {"foreign_precision": ratio(called & foreign, called), "foreign_recall": ratio(called & foreign, foreign)}


def broken_found(truth, failures, paths):
    broken = {p for p, row in truth.items() if row["kind"].startswith("broken")}
    found = {paths[f["row"] - 1] for f in failures if f.get("row")}
    return {"rows_broken": len(broken), "rows_found": len(broken & found), "rows_found_falsely": len(found - broken)}


def size(folder, pattern="**/*"):
    return sum(p.stat().st_size for p in folder.glob(pattern) if p.is_file())


def bytes_stored(out, project):
    """What both versions of the delivery take in a store that holds nothing else: packs, index and caches."""
    with tempfile.TemporaryDirectory(dir=out) as scratch:
        scratch = pathlib.Path(scratch)
        shutil.copytree(out / "delivery", scratch, dirs_exist_ok=True)
        # A repository of its own: that around the demo ignores out/, and a pointer that git ignores is an error.
        subprocess.run(["git", "init", "-q"], cwd=scratch, check=True)
        subprocess.run(["gyre", "init", "-q"], cwd=scratch, check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["gyre", "add", "-q", "images", "labels.csv"], cwd=scratch, check=True, stdout=subprocess.DEVNULL)
        shutil.copy(project / "labels.csv", scratch / "labels.csv")
        subprocess.run(["gyre", "add", "-q", "labels.csv"], cwd=scratch, check=True, stdout=subprocess.DEVNULL)
        return size(scratch / ".gyre", "packs/*")


def optional(project, name):
    path = project / f"{name}.json"
    return {name: json.load(open(path))} if path.exists() else {}


def metric(project, revision):
    text = subprocess.run(["git", "show", f"{revision}:metrics.json"], cwd=project, capture_output=True, check=True).stdout
    return json.loads(text)["accuracy"]


def commit(project, subject):
    found = subprocess.run(["git", "log", "--format=%H", "--grep", f"^{subject}$", "-1"], cwd=project, capture_output=True, check=True)
    return found.stdout.decode().strip()


def devices(project):
    """The two models: file, planned and real memory, instructions, latency, and the bytes in which device and host differ."""
    out, mismatches = {}, 0
    for model in ("model", "model.int8"):
        if not (project / f"{model}.m4.npz").exists():
            continue
        plan = optional(project, f"{model}.plan").get(f"{model}.plan")
        real = json.load(open(project / f"{model}.m4.json"))
        host, m4 = np.load(project / f"{model}.host.npz"), np.load(project / f"{model}.m4.npz")
        for name in host.files:
            mismatches += int((host[name].view(np.uint8) != m4[name].view(np.uint8)).sum())
        out[model] = {"file_bytes": (project / f"{model}.onnx").stat().st_size, "planned": plan, "real": real, "images": len(host[host.files[0]])}
    return {"devices": out, "device_host_mismatches": mismatches}


def seconds(project):
    rows = [line.rstrip("\n").split("\t") for line in open(project / "steps.tsv")]
    return {name: round(float(after[0]) - float(start), 1) for (start, name), after in zip(rows, rows[1:])}


def score(out):
    project = out / "project"
    truth = {row["path"]: row for row in csv.DictReader(open(out / "truth.csv"))}
    table = list(csv.DictReader(open(out / "delivery" / "labels.csv")))
    given, paths = {row["path"]: row["label"] for row in table}, [row["path"] for row in table]
    findings = lines(project / "findings.jsonl")
    spoilt, cleaned = metric(project, commit(project, "model of version 1")), metric(project, commit(project, "model of version 2"))
    report = {"accuracy_spoilt": spoilt, "accuracy_cleaned": cleaned, **json.load(open(out / "truth.json"))}
    report["recovered"] = round((cleaned - spoilt) / (report["accuracy_truth"] - spoilt), 3)
    report |= labels_found(truth, findings, given) | duplicates_found(truth, findings) | foreign_found(truth, findings)
    report |= broken_found(truth, lines(project / "broken.v1.jsonl"), paths)
    report["bytes_raw"] = size(out / "delivery")
    report["bytes_stored"] = bytes_stored(out, project)
    report |= optional(project, "compress") | devices(project)
    if (out / "seeds.json").exists():
        report["seeds"] = json.load(open(out / "seeds.json"))
    report["seconds"] = seconds(project)
    return report


def show(report):
    for key, value in report.items():
        if isinstance(value, dict):
            print(f"{key}:")
            for name, item in value.items():
                print(f"  {name:<60} {item if not isinstance(item, dict) else json.dumps(item)[:160]}")
        else:
            print(f"{key:<28} {value}")


def main():
    out = pathlib.Path(sys.argv[1])
    report = score(out)
    (out / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    show(report)


if __name__ == "__main__":
    main()
