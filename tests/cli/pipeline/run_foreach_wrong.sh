# What is wrong in a foreach or matrix is told by file and line.
tell() { stages && gyre run || echo "exit $?"; }
tell <<'Y'
stages:
  a:
    foreach: [1, 2]
    do:
      cmd: echo ${item.name}
Y
tell <<'Y'
stages:
  a:
    foreach: [1]
    matrix: {x: [1]}
    do: {cmd: echo}
Y
tell <<'Y'
stages:
  a:
    matrix:
      x: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
      y: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
      z: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
      u: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
      v: [1, 2]
    cmd: echo
Y
stages <<'Y'
stages:
  a: {foreach: [1, 2], do: {cmd: echo}}
Y
gyre run a@3 || echo "exit $?"
