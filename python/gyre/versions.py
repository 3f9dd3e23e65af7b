# SPDX-License-Identifier: Apache-2.0
"""A table as it is in the work tree, or as it was in a version: its rows, its contract, the ids of its files."""

import os
import subprocess
import tempfile

from . import _gyre, columns

_IMAGES = (".png", ".jpg", ".jpeg")


def open_table(path, version, label):
    """The table, the folder that relative paths in it start from, and the ids of its rows' files in that version (None: ask the table)."""
    beside = os.path.dirname(os.path.abspath(path))
    if version is None:
        return _gyre.table_read(path, label, True), (path if os.path.isdir(path) else beside), None
    pointer = _gyre.pointer_read(path + ".gyre", version)
    if pointer["is_folder"]:
        table, ids = _folder(path, version, label)
        return table, path, ids
    table = _file(path, version, label, pointer["root"], beside)
    rows, _, file_column = table.about()
    if file_column is None:
        return table, beside, None
    named = {column[0]: column for column in table.columns()}
    return table, beside, _ids_of_files(columns.to_numpy(named[file_column], rows), beside, version)


def _folder(path, version, label):
    """An image folder of a version, as gyre reads one from the disk: a row a picture, its first sub-folder the label."""
    def is_seen(name):
        return name.lower().endswith(_IMAGES) and not any(part.startswith(".") for part in name.split("/"))

    entries = sorted((name.encode(), key) for name, key in _gyre.version_list(path + ".gyre", version) if is_seen(name))
    names = [name.decode() for name, _ in entries]
    parts = [columns.part_of("path", names)]
    if any("/" in name for name in names):
        parts.append(columns.part_of("label", [name.split("/")[0] if "/" in name else None for name in names]))
    return _gyre.table_from_parts(parts, label), [key for _, key in entries]


def _file(path, version, label, root, beside):
    """The table and the contract that stood beside it in that version, read from copies."""
    name = os.path.basename(path)
    contract_name = os.path.splitext(name)[0] + ".contract.yaml"
    shown = subprocess.run(["git", "show", f"{version}:./{contract_name}"], cwd=beside, capture_output=True)
    contract = shown.stdout if shown.returncode == 0 else None
    # The key of personal columns is found from a folder of the project.
    inside = os.path.join(_gyre.project(beside), ".gyre") if contract and b"gyre.pii" in contract else None
    with tempfile.TemporaryDirectory(prefix="read-", dir=inside) as folder:
        for copy, content in ((name, _gyre.object_read(beside, root)), (contract_name, contract)):
            if content is not None:
                with open(os.path.join(folder, copy), "wb") as out:
                    out.write(content)
        table = _gyre.table_read(os.path.join(folder, name), label, True)
        if table.about()[2] is None:
            table.ids()  # while the folder is there
        return table


def _ids_of_files(paths, beside, version):
    """The ids that the files had in that version: from its own lists, not from the work tree."""
    known = {}
    for path in paths:
        top = str(path).split("/")[0]
        if path is not None and top not in known:
            try:
                listed = _gyre.version_list(os.path.join(beside, top + ".gyre"), version)
            except _gyre.Error:
                listed = []  # no dataset of that version: its files are not known
            known[top] = {f"{top}/{name}" if name else top: key for name, key in listed}
    return [None if path is None else known[str(path).split("/")[0]].get(str(path)) for path in paths]
