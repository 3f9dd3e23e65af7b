project
gyre add images labels.csv >/dev/null
flip_bits 0
gyre verify
gyre verify --deep
