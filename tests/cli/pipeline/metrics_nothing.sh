# A revision that git does not know.
stages <<'Y'
stages:
  a: {cmd: "echo '{\"x\": [1, {\"y\": 2.5}], \"word\": \"z\"}' > m.json", metrics: [m.json]}
Y
gyre run -q > /dev/null
gyre metrics
gyre metrics diff nonesuch
