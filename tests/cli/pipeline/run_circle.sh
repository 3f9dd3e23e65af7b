stages <<'Y'
stages:
  a: {cmd: cp q p, deps: [q], outs: [p]}
  b: {cmd: cp p q, deps: [p], outs: [q]}
Y
gyre run
